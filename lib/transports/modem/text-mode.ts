import { blocked, type Dialogue } from './at/dialogue.ts';
import { chooseCharset, isHexCharset, type Charset } from './at/charset.ts';
import type { ModemSettings } from './settings.ts';

/**
 * Text mode (TS 27.005 3), for modems that refuse PDU mode. The modem makes and reads the SMS; we give and get fields and a
 * text. What it takes is found out here, once.
 */
export interface TextMode {
  readonly charset: Charset;
  /** Whether first octet, validity, protocol and coding can be set (AT+CSMP). Without: plain texts alone. */
  readonly parameters: boolean;
  /** How texts of several parts go out. `udh`: tied together by a header, as in PDU mode. */
  readonly long: 'udh' | 'numbered' | 'refuse';
  /** Whether received messages come with their length and coding (AT+CSDH=1). */
  readonly headers: boolean;
}

/** TP-MTI SUBMIT, relative validity period, user data header (TS 23.040 9.2.3). */
const PLAIN = 'AT+CSMP=17,255,0,0';
const WITH_UDH = 'AT+CSMP=81,255,0,8';

/** Brings the modem into text mode. Throws Fault `gateway.down` for one that refuses that too. */
export async function openTextMode(dialogue: Dialogue, settings: ModemSettings): Promise<TextMode> {
  if ((await dialogue.optional('AT+CMGF=1')) === undefined) {
    throw blocked('the modem refuses both PDU mode and text mode: it cannot send messages');
  }
  const charset = await setCharset(dialogue);
  const headers = (await dialogue.optional('AT+CSDH=1')) !== undefined;
  const parameters = (await dialogue.optional(PLAIN)) !== undefined;
  const udh = parameters && (await dialogue.optional(WITH_UDH)) !== undefined;
  if (udh) await dialogue.optional(PLAIN);
  const { longText = 'auto' } = settings;
  const long = longText === 'auto' ? (udh ? 'udh' : 'numbered') : longText;
  dialogue.channel.bodies = isHexCharset(charset) ? 'hex' : 'text';
  return { charset, parameters, long, headers };
}

async function setCharset(dialogue: Dialogue): Promise<Charset> {
  const offered = (await dialogue.optional('AT+CSCS=?', { answer: '+CSCS:' })) ?? [];
  const charset = chooseCharset(offered);
  if (charset !== undefined && (await dialogue.optional(`AT+CSCS="${charset}"`)) !== undefined)
    return charset;
  // TS 27.007 5.5: IRA is what a modem uses that was told nothing.
  return 'IRA';
}
