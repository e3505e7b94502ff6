/** Names of the information elements, 3GPP TS 23.040 9.2.3.24. */

const NAMES: Readonly<Record<number, string>> = {
  0x00: 'concatenated short message, 8-bit reference',
  0x01: 'special SMS message indication',
  0x04: 'application port addressing, 8 bit',
  0x05: 'application port addressing, 16 bit',
  0x06: 'SMSC control parameters',
  0x07: 'UDH source indicator',
  0x08: 'concatenated short message, 16-bit reference',
  0x09: 'wireless control message protocol',
  0x0a: 'text formatting',
  0x0b: 'predefined sound',
  0x0c: 'user defined sound',
  0x0d: 'predefined animation',
  0x0e: 'large animation',
  0x0f: 'small animation',
  0x10: 'large picture',
  0x11: 'small picture',
  0x12: 'variable picture',
  0x13: 'user prompt indicator',
  0x14: 'extended object',
  0x15: 'reused extended object',
  0x16: 'compression control',
  0x17: 'object distribution indicator',
  0x18: 'standard WVG object',
  0x19: 'character size WVG object',
  0x1a: 'extended object data request command',
  0x20: 'RFC 822 e-mail header',
  0x21: 'hyperlink format',
  0x22: 'reply address',
  0x23: 'enhanced voice mail information',
  0x24: 'national language single shift',
  0x25: 'national language locking shift',
};

/** The name of an information element identifier. */
export function elementName(id: number): string {
  const name = NAMES[id];
  if (name !== undefined) return name;
  if (id >= 0x1b && id <= 0x1f) return 'reserved for EMS';
  if (id >= 0x70 && id <= 0x7f) return '(U)SIM toolkit security header';
  if (id >= 0x80 && id <= 0x9f) return 'SME to SME specific';
  if (id >= 0xc0 && id <= 0xdf) return 'SC specific';
  return 'reserved';
}
