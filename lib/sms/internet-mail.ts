/** Text messages that came from, or go to, Internet electronic mail: 3GPP TS 23.040 3.8. */

export interface InternetMail {
  readonly address: string;
  readonly subject?: string;
  readonly body: string;
}

/**
 * The address, subject and body of a text in one of the forms `address body`, `address(subject)body`,
 * `address#subject#body` and, as some gateways write it, `address /body`. In an address `*` stands for `@` and `$`
 * for `_`. Undefined where the text does not begin with an address.
 */
export function splitInternetMail(text: string): InternetMail | undefined {
  const match = /^([^\s()#/@*]{1,64}[@*][^\s()#/@*]{1,255})(?:\(([^)]*)\)|#([^#]*)#| \/| |$)/.exec(text);
  if (match === null) return undefined;
  const [whole, address = '', bracketed, hashed] = match;
  const subject = bracketed ?? hashed;
  return {
    address: address.replace('*', '@').replaceAll('$', '_'),
    ...(subject !== undefined && { subject }),
    body: text.slice(whole.length),
  };
}
