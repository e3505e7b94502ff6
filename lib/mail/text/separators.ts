import { VERB } from './introduction.ts';

/**
 * Lines that stand between an answer and the mail that it answers, language by language. Words are matched without
 * regard to case; one line adds a language.
 */

/** Of what such lines are drawn: Proton has hyphens of Unicode for it, others lines of boxes. */
const RULE = '[-_*=~\\s\\u2010-\\u2015\\u2500\\u2501]';

/** "Original Message" and its kin. A forwarded message is none: it is what the mail is about. */
const ORIGINAL = [
  ...[
    'original (?:message|appointment|e-?mail)',
    'reply message',
    'ursprüngliche (?:nachricht|(?:e-?)?mail)',
    'original-?(?:nachricht|mail)',
  ],
  ...[
    "message d['’]origine",
    '(?:message|mail|courriel|e-?mail) (?:original|initial)',
    '(?:correo|mensaje) original',
    'mensagem original',
  ],
  ...[
    'missatge original',
    'mensaxe orixinal',
    'jatorrizko mezua',
    '(?:messaggio|e-?mail) originale',
    '(?:oorspronkelijk|origineel) bericht',
  ],
  ...[
    'oorspronkelijke e-?mail',
    'oprindelig (?:meddelelse|besked|mail|e-mail)',
    'original (?:meddelelse|besked|melding)',
  ],
  ...[
    '(?:ursprungligt|original) ?(?:meddelande|mejl|mail|e-post)',
    'opprinnelig (?:melding|e-post|beskjed)',
    'upprunaleg skilaboð',
  ],
  ...[
    'alkuperäinen (?:viesti|sähköposti)',
    'algne (?:kiri|sõnum|teade)',
    'originalus (?:laiškas|pranešimas)',
    '(?:sākotnējais|oriģinālais) (?:ziņojums|vēstule)',
  ],
  ...[
    '(?:oryginalna wiadomość|wiadomość oryginalna)',
    'původní (?:zpráva|e-?mail)',
    'pôvodn(?:á správa|ý e-?mail)',
    'eredeti (?:üzenet|levél)',
  ],
  ...[
    'mesaj(?:ul)? (?:original|inițial)',
    'i?zvor(?:na poruka|no sporočilo)',
    'izvirno sporočilo',
    'originalna poruka',
    'оригинална порука',
  ],
  ...[
    '(?:исходное|оригинальное|первоначальное) (?:сообщение|письмо)',
    '(?:вихідне|оригінальне|початкове) повідомлення',
    'оригиналн[оа] (?:съобщение|писмо)',
  ],
  ...[
    '(?:αρχικό|πρωτότυπο) μήνυμα',
    '(?:özgün|orijinal|asıl) (?:ileti|mesaj|e-?posta)',
    'pesan asli',
    '(?:thư|tin nhắn|thông điệp) gốc',
  ],
  ...[
    'ข้อความ(?:ต้นฉบับ|เดิม)',
    'הודעה מקורית',
    'ההודעה המקורית',
    'الرسالة الأصلية',
    'رسالة أصلية',
    '原始(?:邮件|郵件|信息|訊息|消息)',
    '原(?:邮件|郵件)',
  ],
  ...['元の(?:メッセージ|メール)', 'オリジナル(?:メッセージ|メール)?', '원본 ?(?:메시지|메일|이메일)'],
].join('|');

/** "-----Original Message-----" on a line of its own, and Notes: "-----Ann Lee/Plant wrote: -----". */
export const ORIGINAL_MESSAGE = new RegExp(
  `^${RULE}{2,}(?:${ORIGINAL}|\\S.{0,100} ${VERB})\\s?[:：]?\\s*${RULE}{2,}$`,
  'iu',
);

/** The same where something follows on its line, or stands in front of it. */
const ORIGINAL_WITHIN = new RegExp(
  `[-_*=~\\u2010-\\u2015\\u2500]{3,}\\s{0,3}(?:${ORIGINAL}|\\S.{0,60} ${VERB}\\s?[:：])\\s{0,3}[-_*=~\\u2010-\\u2015\\u2500]{3,}`,
  'iu',
);

/** Where in a line "-------- Original message --------" begins; -1 where it does not. */
export function originalAt(line: string): number {
  return line.length > MAX_LINE || !/[-_*=~\u2010-\u2015\u2500]{3}/.test(line)
    ? -1
    : line.search(ORIGINAL_WITHIN);
}

/** Longer lines have text in them. */
const MAX_LINE = 4000;

/**
 * Lines that stand above a quote without marks and are like no others: GroupWise's `>>> Ann 6/3/2025 9:28 AM >>>` and
 * Notes' `Ann Lee---06/03/2025 09:28:11 AM---Pump`.
 */
const OWN_MANNER: readonly RegExp[] = [
  /^>>> (?=.*\d).{3,300}(?: >>>|<[^<>\s]+>:)$/u,
  /^.{1,100} ?---\d{1,4}[./-]\d{1,2}[./-]\d{2,4} \d{1,2}:\d\d.{0,12}---/u,
];

/** Is this one of the lines by which a program is known? */
export function isOwnManner(line: string): boolean {
  return OWN_MANNER.some((pattern) => pattern.test(line.trim()));
}

/** The line above a forwarded mail: what follows it is what the mail is about, marked as a quote or not. */
export const FORWARDED = new RegExp(
  `^(?:${RULE}{2,}(?:${[
    'forwarded (?:message|mail)(?: from .{1,80})?',
    'weitergeleitete (?:nachricht|e-?mail)',
    'message transféré|message réexpédié|courriel transféré',
    'mensaje reenviado',
    'messaggio inoltrato',
    'mensagem (?:encaminhada|reencaminhada)',
    'doorgestuurd bericht',
    'przekazana wiadomość|wiadomość przekazana dalej',
    'přeposlaná zpráva|preposlaná správa',
    'vidarebefordrat meddelande|videresendt (?:meddelelse|melding|besked)|välitetty viesti',
    'továbbított üzenet|mesaj redirecționat|препратено съобщение',
    'пересылаемое сообщение|пересланное сообщение|переслане повідомлення',
    'προωθημένο μήνυμα|yönlendirilmiş ileti|iletilen mesaj|הודעה שהועברה|رسالة مُعاد توجيهها',
    '转发的邮件|已转发邮件|转发邮件信息|轉寄(?:的)?(?:郵件|訊息)|転送(?:された)?メッセージ|전달된 (?:메일|메시지)',
  ].join('|')})\\s*${RULE}{2,}|(?:${[
    'begin forwarded message',
    'anfang der weitergeleiteten (?:nachricht|e-?mail)',
    'début du (?:message|courriel) (?:réexpédié|transféré)',
    'inicio del mensaje reenviado',
    'inizio (?:del )?messaggio inoltrato',
    'início da mensagem (?:encaminhada|reencaminhada)',
    'begin doorgestuurd bericht',
    'początek (?:przekazywanej|przekazanej) wiadomości',
    'začátek přeposlané zprávy',
    'vidarebefordrat (?:brev|mejl)',
    'videresendt (?:besked|melding)|start på videresendt (?:besked|melding)',
    'välitetty viesti alkaa',
    'начало переадресованного сообщения',
    'i̇?letilen (?:mesaj|e-?posta) başlangıcı|başlangıç iletilen',
    '转发的邮件|开始转发的邮件|轉寄的郵件|転送されたメッセージ|전달된 메시지 시작',
  ].join('|')})\\s?[:：])$`,
  'iu',
);

/** "Type your answer above this line" of ticket systems. */
export const ANSWER_ABOVE =
  /^[#\-=\s]*(?:please )?(?:type|write|reply|enter|bitte|merci de|répondez|antworten|responda)[^\n]{0,60}(?:above this line|over deze lijn|oberhalb dieser zeile|über dieser zeile|au-dessus de cette ligne|encima de esta línea)[^\n]{0,20}$/i;
