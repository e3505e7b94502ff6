import { readFileSync, readdirSync } from 'node:fs';

/** A running server that takes mail on a port of 127.0.0.1. */
export interface Peer {
  readonly name: string;
  readonly port: number;
  readonly recipient: string;
  /** The root of its processes. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Kernel clock ticks a second, as /proc counts processor time on every Linux of today. */
const TICKS = 100;

/** Seconds of processor time that a process, its descendants and its dead children have used; NaN without /proc. */
export function processorSeconds(root: number): number {
  const children = new Map<number, number[]>();
  const used = new Map<number, number>();
  let entries: string[];
  try {
    entries = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  } catch {
    return NaN;
  }
  for (const entry of entries) {
    const stat = statOf(entry);
    if (stat === undefined) continue;
    const pid = Number(entry);
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), pid]);
    used.set(pid, stat.ticks);
  }
  let ticks = 0;
  const left = [root];
  for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
    ticks += used.get(pid) ?? 0;
    left.push(...(children.get(pid) ?? []));
  }
  return ticks / TICKS;
}

/** proc(5): ppid is the second field behind the name, utime to cstime the twelfth to fifteenth. */
function statOf(entry: string): { parent: number; ticks: number } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${entry}/stat`, 'latin1');
  } catch {
    return undefined; // it has ended meanwhile
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), ticks };
}
