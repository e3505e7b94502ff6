/** A line of a format=flowed text: how deep it is quoted, and what stands after the quote marks. */
interface FlowedLine {
  readonly depth: number;
  readonly text: string;
}

/**
 * `format=flowed` text as its paragraphs, RFC 3676 4: soft line breaks joined (with `DelSp=yes` their space goes
 * too), space-stuffing undone, quote depth kept. The signature separator `-- ` ends a paragraph and is none.
 */
export function unfoldFlowed(text: string, deleteSpace: boolean): string {
  const out: string[] = [];
  let open: { depth: number; text: string } | undefined;
  const close = (): void => {
    if (open !== undefined) out.push(open.depth > 0 ? `${'>'.repeat(open.depth)} ${open.text}` : open.text);
    open = undefined;
  };
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const line = readFlowedLine(raw);
    if (open !== undefined && (open.depth !== line.depth || line.text === '-- ')) close();
    const soft = line.text.endsWith(' ') && line.text !== '-- ';
    const part = soft && deleteSpace ? line.text.slice(0, -1) : line.text;
    if (open === undefined) open = { depth: line.depth, text: part };
    else open.text += part;
    if (!soft) close();
  }
  close();
  return out.join('\n');
}

function readFlowedLine(line: string): FlowedLine {
  let depth = 0;
  while (line.charCodeAt(depth) === 0x3e) depth++;
  const stuffed = line.charCodeAt(depth) === 0x20;
  return { depth, text: line.slice(stuffed ? depth + 1 : depth) };
}
