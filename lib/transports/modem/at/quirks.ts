/**
 * How makes of modems differ from the standards, as data. Each entry says where it is from; what is
 * not said here is found out by asking the modem and falling back.
 */
export interface Quirks {
  readonly name: string;
  /** Against manufacturer, model and revision as the modem gives them (AT+CGMI, AT+CGMM, AT+CGMR). */
  readonly match: RegExp;
  /** Sent before the PIN; refusals are passed over. */
  readonly early?: readonly string[];
  /** Sent once the SIM is open; refusals are passed over. */
  readonly init?: readonly string[];
  /** AT+CNMI arguments to try, best first. */
  readonly cnmi?: readonly string[];
  /** How the SIM's serial number is asked for; AT+CCID where nothing is said. */
  readonly iccid?: string;
  /** Wait after the PIN, in ms; 2000 where nothing is said. */
  readonly pinPauseMs?: number;
}

/**
 * AT+CNMI (TS 27.005 3.4.1), best first. `mt`=1 keeps messages in storage until they are read. `ds`=2 does the same
 * with status reports, but only where "SR" can be read: of others Huawei's manual of the MU509 (6.6.2) says that the
 * report is lost. `ds`=1 hands reports over directly. `mode` 2 buffers what comes while the line is busy,
 * 1 discards it, 3 is for lines that carry data too; `bfr` is 1 alone at Siemens, 0 at most others.
 */
export function indicationOrder(reportsCanBeRead: boolean): readonly string[] {
  const stored = ['2,1,0,2,0', '2,1,0,2,1', '1,1,0,2,0', '1,1,0,2,1'];
  const direct = ['2,1,0,1,0', '2,1,0,1,1', '1,1,0,1,0', '1,1,0,1,1', '3,1,0,1,0'];
  const none = ['2,1,0,0,0', '2,1,0,0,1', '1,1,0,0,0', '1,1,0,0,1', '2,1', '1,1', '2,2,0,1,0', '1,2,0,1,0'];
  return [...(reportsCanBeRead ? stored : []), ...direct, ...none];
}

export const QUIRKS: readonly Quirks[] = [
  {
    // MC35_ATC_01 V03.02, TC35i_ATC_V01.05: <bfr> is always 1; reports and direct messages only after AT+CSMS=1.
    name: 'Siemens/Cinterion TC35, MC35, MC55, BGS2',
    match: /siemens|cinterion|\b(tc35|mc35|mc55|mc75|bgs2)/i,
    cnmi: ['2,1,0,2,1', '2,1,0,1,1', '2,1,0,0,1'],
    iccid: 'AT^SCID',
  },
  {
    // Datacard AT Command Interface V2.3: ^CURC=0 ends ^RSSI, ^BOOT and the like every few seconds.
    name: 'Huawei E-series and modules',
    match: /huawei/i,
    early: ['AT^CURC=0'],
    cnmi: ['2,1,0,1,0', '1,1,0,1,0'],
    iccid: 'AT^ICCID?',
  },
  { name: 'ZTE MF-series', match: /\bzte\b/i, iccid: 'AT+ZGETICCID' },
  { name: 'MultiTech MultiModem', match: /multi-?tech|multimodem/i },
  { name: 'Wavecom/Sierra Fastrack', match: /wavecom|fastrack|sierra/i },
  {
    // "Call Ready" and "SMS Ready" come seconds after the PIN; until then the SIM is busy.
    name: 'SIMCom SIM800/SIM900',
    match: /sim(com)?[_ ]*(sim)?(8|9)\d\d\b|SIM900|SIM800/i,
    iccid: 'AT+CCID',
    pinPauseMs: 5000,
  },
  { name: 'SIMCom SIM7000/SIM7100/SIM7600', match: /sim7\d\d\d|A76\d\d/i, iccid: 'AT+CICCID' },
  {
    // EC25&EC21 AT Commands Manual V1.3. Teltonika's routers and gateways (RUT, TRM) have these modules inside and pass
    // their commands through: they name themselves Quectel.
    name: 'Quectel (also inside Teltonika RUT and TRM)',
    match: /quectel|\b(ec2\d|eg2\d|uc20|m95|bg9\d|eg9\d)/i,
    iccid: 'AT+QCCID',
  },
  // Teltonika's own 2G modules, in ModemCOM and ModemUSB. Nothing that differs from the standard is known of them.
  { name: 'Teltonika TM1, TM2 (ModemCOM, ModemUSB)', match: /teltonika|\btm[12]q?\b/i },
  { name: 'Telit', match: /telit/i, iccid: 'AT#CCID' },
];

/** What is known of a modem; undefined for one of no known make. */
export function findQuirks(identity: string): Quirks | undefined {
  return QUIRKS.find((entry) => entry.match.test(identity));
}
