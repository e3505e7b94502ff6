import addressparser from 'nodemailer/lib/addressparser';

/** `Name <box@domain>`, the name without anything that needs a real parser; or a bare address. */
const SIMPLE =
  /^(?:[^"<>(),;:\\@]*<([^\s"<>(),;:\\@]+@[^\s"<>(),;:\\@]+)>|([^\s"<>(),;:\\@]+@[^\s"<>(),;:\\@]+))$/;

/** The first mailbox in an address field (From, Reply-To) as addr-spec, RFC 5322 3.4.1; undefined where there is none. */
export function firstAddress(value: string): string | undefined {
  const simple = SIMPLE.exec(value);
  if (simple !== null) return simple[1] ?? simple[2];
  for (const { address } of addressparser(value, { flatten: true })) {
    if (address.includes('@')) return address;
  }
  return undefined;
}
