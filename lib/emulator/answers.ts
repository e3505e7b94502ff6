import type { Profile } from './profile.ts';
import type { Traits } from './traits.ts';

/** Commands that are refused while the SIM is locked or out (TS 27.007 8.3). */
export const NEEDS_SIM = /^AT\+(CMG|CPMS|CSCA|CNMI|CSMS|CIMI|CCID|CRSM|CMMS|CNMA)/;

/** Commands that are taken and change nothing here. */
export const TAKEN =
  /^AT(\+(CSMP|CSCS|IFC|IPR|CRC|CLIP|CSDH|CCFC|CUSD|CSCB|CPBS|CSMP|CLCK|CMGF)|[VQXSHDC&\\])/i;

/** The lines of an answer that changes nothing, `OK` left out; undefined for a command that is none of these. */
export function fixedAnswer(
  command: string,
  traits: Traits,
  profile: Profile,
  locked: string,
): string[] | undefined {
  const answers: Record<string, string[]> = {
    AT: [],
    ATZ: [],
    'AT&F': [],
    ATI: [traits.manufacturer, traits.model, traits.revision],
    'AT+CGMI': [traits.manufacturer],
    'AT+GMI': [traits.manufacturer],
    'AT+CGMM': [traits.model],
    'AT+GMM': [traits.model],
    'AT+CGMR': [traits.revision],
    'AT+GMR': [traits.revision],
    'AT+CGSN': [traits.imei],
    'AT+GSN': [traits.imei],
    'AT+CMEE?': [`+CMEE: ${profile.cmee}`],
    'AT+CPIN?': [`+CPIN: ${locked || 'READY'}`],
    'AT+CSQ': [`+CSQ: ${traits.signal},0`],
    'AT+CREG=?': ['+CREG: (0-2)'],
    'AT+CREG?': [`+CREG: ${profile.creg},${registrationShown(traits, profile.creg)}`],
    'AT+CGREG=?': ['+CGREG: (0-2)'],
    'AT+CGREG?': [`+CGREG: ${profile.cgreg},${registrationShown(traits, profile.cgreg)}`],
    'AT+COPS?': [
      traits.registration === 1
        ? `+COPS: 0,${profile.cops},"${profile.cops === 2 ? traits.plmn : traits.operator}"`
        : '+COPS: 0',
    ],
    'AT+CMGF?': [`+CMGF: ${profile.cmgf}`],
    'AT+CMGF=?': [`+CMGF: (${traits.pdu ? '0,1' : '1'})`],
    'AT+CNMI=?': ['+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)'],
    'AT+CNMI?': [`+CNMI: ${profile.cnmi.join(',')}`],
    'AT+CSCS=?': [`+CSCS: (${quoted(traits.charsets)})`],
    'AT+CSCS?': [`+CSCS: "${profile.charset}"`],
    'AT+CSMS=?': [`+CSMS: (${traits.csms ? '0,1' : '0'})`],
    'AT+CNMA=?': ['+CNMA: (0-2)'],
    'AT+CSCB=?': ['+CSCB: (0,1)'],
    'AT+CUSD=?': ['+CUSD: (0-2)'],
    'AT+CLCK=?': ['+CLCK: ("SC")'],
    'AT+CLCK="SC",2': [`+CLCK: ${traits.pin === '' ? 0 : 1}`],
    'AT+IFC=?': ['+IFC: (0-2),(0-2)'],
    'AT+GCAP': ['+GCAP: +CGSM'],
    'AT+CPBS=?': ['+CPBS: ("SM")'],
    'AT+CPAS': ['+CPAS: 0'],
    'AT+CBC': ['+CBC: 0,100'],
    'AT+CFUN?': ['+CFUN: 1'],
    'AT+CMGL=?': ['+CMGL: (0-4)'],
    'AT+CMGD=?': ['+CMGD: (),(0-4)'],
    'AT+CMMS?': [`+CMMS: ${profile.cmms}`],
  };
  return Object.hasOwn(answers, command) ? answers[command] : undefined;
}

/** `<stat>`, and the cell behind it where that was asked for (TS 27.007 7.2). */
export function registrationShown({ registration: stat }: Traits, n: number): string {
  return n === 2 && (stat === 1 || stat === 5) ? `${stat},"00C3","0000B2A1"` : `${stat}`;
}

function quoted(names: string): string {
  return names
    .split(',')
    .map((name) => `"${name}"`)
    .join(',');
}
