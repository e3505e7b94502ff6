/** Echo (V.250 6.2.4): what a modem says back of what was written. Pure. */

/**
 * Whether `line` is echo: of the command or what noise left of it, of the PDU, or of the next of `texts`, the lines of a
 * text that was handed over. A text may hold lines that read like results; its echo comes before all else, or not at all.
 * What is found is taken off `texts`.
 */
export function isEcho(line: string, command: string, pdu: string | undefined, texts: string[]): boolean {
  if (line === command || /^AT[+^*#$%]/i.test(line)) return true;
  if (texts.length > 0) {
    const next = texts.shift();
    if (line.replace(/^> /, '') === next) return true;
    texts.length = 0;
  }
  return pdu !== undefined && line.length > 6 && pdu.toUpperCase().endsWith(line.toUpperCase());
}

/** The lines in which a text comes back. */
export function echoOf(text: string): string[] {
  return text
    .split(/[\r\n]/)
    .map((line) => line.replace(/[^\x20-\x7e]/g, '').trim())
    .filter((line) => line !== '');
}
