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
  /** False where AT+CSMS=1 is accepted and then does harm. */
  readonly csms?: false;
  /** False where AT+CMMS is accepted and then does harm. */
  readonly cmms?: false;
  /** False where the device cannot receive by AT commands at all. */
  readonly receive?: false;
  /** How the SIM's serial number is asked for; AT+CCID where nothing is said. */
  readonly iccid?: string;
  /** Wait after the PIN, in ms; 2000 where nothing is said. */
  readonly pinPauseMs?: number;
}

/**
 * AT+CNMI (TS 27.005 3.4.1), best first. `ds`=2 keeps status reports in storage until they are read, so none is lost
 * when the program ends in between; `ds`=1 gives them directly; `mt`=1 always keeps messages in storage. `mode` 2 buffers
 * while the line is busy, 1 drops, 3 is for links that carry data too.
 */
export const CNMI_ORDER: readonly string[] = [
  '2,1,0,2,0',
  '2,1,0,1,0',
  '2,1,0,0,0',
  '1,1,0,2,0',
  '1,1,0,1,0',
  '1,1,0,0,0',
  '3,1,0,1,0',
  '2,1',
  '1,1',
  '2,2,0,1,0',
  '1,2,0,1,0',
];

export const QUIRKS: readonly Quirks[] = [
  {
    // Siemens TC35i AT command set: <bfr> must be 1; +CDS needs CSMS=1 and is then to be acknowledged.
    name: 'Siemens/Cinterion TC35, MC35, MC55, BGS2',
    match: /siemens|cinterion|\b(tc35|mc35|mc55|mc75|bgs2|bg2)/i,
    cnmi: ['2,1,0,2,1', '2,1,0,1,1', '2,1,0,0,1', '1,1,0,0,1'],
    iccid: 'AT^SCID',
  },
  {
    // ^CURC=0 stops ^RSSI and ^BOOT every few seconds. E-series: AT+CSMS=1 is refused or makes +CMTI stop.
    name: 'Huawei E-series',
    match: /huawei/i,
    early: ['AT^CURC=0'],
    cnmi: ['2,1,0,2,0', '1,1,0,2,0', '1,1,0,1,0', '2,1,0,0,0'],
    csms: false,
    iccid: 'AT^ICCID?',
  },
  {
    // ZTE: AT+CPMS with one storage only; +ZDONR and +ZPASR chatter is stopped by +ZOPRT.
    name: 'ZTE MF-series',
    match: /\bzte\b/i,
    early: ['AT+ZOPRT=5'],
    cnmi: ['1,1,0,2,0', '1,1,0,1,0', '1,1,0,0,0'],
    csms: false,
    iccid: 'AT+ZGETICCID',
  },
  {
    // MultiModem (Wavecom and Telit inside): <bfr> 0; reports directly.
    name: 'MultiTech MultiModem',
    match: /multi-?tech|multimodem/i,
    cnmi: ['2,1,0,2,0', '2,1,0,1,0', '2,1,0,0,0'],
  },
  {
    name: 'Wavecom/Sierra Fastrack',
    match: /wavecom|fastrack|sierra/i,
    cnmi: ['2,1,0,2,0', '2,1,0,1,0', '2,1,0,0,0'],
  },
  {
    // SIM800 Series AT Command Manual: ds only 0 and 1; "SMS Ready" comes up to 10 s after the PIN.
    name: 'SIMCom SIM800/SIM900',
    match: /sim(com)?_?\s?(8|9)\d\d|SIM900|SIM800/i,
    cnmi: ['2,1,0,1,0', '2,1,0,0,0'],
    iccid: 'AT+CCID',
    pinPauseMs: 5000,
  },
  {
    name: 'SIMCom SIM7000/SIM7600/SIM7100',
    match: /sim7\d\d\d|A76\d\d/i,
    cnmi: ['2,1,0,2,0', '2,1,0,1,0', '2,1,0,0,0'],
    iccid: 'AT+CICCID',
  },
  {
    // EC2x: AT+QINDCFG sends URCs to one port; "all" makes them come on the one that is open.
    name: 'Quectel EC2x/EG2x/UC20/M95',
    match: /quectel|\b(ec2\d|eg2\d|uc20|m95|bg9\d|eg9\d)/i,
    early: ['AT+QURCCFG="urcport","all"'],
    cnmi: ['2,1,0,2,0', '2,1,0,1,0', '2,1,0,0,0'],
    iccid: 'AT+QCCID',
  },
  {
    name: 'Telit',
    match: /telit/i,
    cnmi: ['2,1,0,2,0', '2,1,0,1,0', '2,1,0,0,0', '1,1,0,0,0'],
    iccid: 'AT#CCID',
  },
  {
    // TRM/TRB: a Quectel module behind a router; the router itself reads the storage, so ask often and delete early.
    name: 'Teltonika',
    match: /teltonika/i,
    cnmi: ['2,1,0,1,0', '2,1,0,0,0'],
    iccid: 'AT+QCCID',
  },
  {
    // Phones that hand nothing over by AT commands: CNMI is accepted, +CMTI never comes, the storage reads as empty.
    name: 'Nokia phones (Series 40/60)',
    match: /nokia/i,
    cnmi: ['1,1,0,1,0', '1,1,0,0,0', '2,1,0,0,0'],
    csms: false,
  },
  {
    name: 'Sony Ericsson phones',
    match: /sony ?ericsson/i,
    cnmi: ['3,1,0,1,0', '3,1,0,0,0', '2,1,0,0,0'],
  },
];

/** What is known of a modem; undefined for one of no known make. */
export function findQuirks(identity: string): Quirks | undefined {
  return QUIRKS.find((entry) => entry.match.test(identity));
}
