/**
 * What mail programs write around an answer, language by language: tables for strip.ts. Words are matched without
 * regard to case. One line adds a language.
 */

/** The verb in "On 3 June, Ann wrote:". Languages that put it first are matched by the same words. */
const WROTE = [
  'wrote',
  'writes',
  'schrieb',
  'hat geschrieben',
  'a écrit',
  'escribió',
  'ha scritto',
  'escreveu',
  'schreef',
  'skrev',
  'kirjoitti',
  'napisał',
  'napisała',
  'napisał\\(a\\)',
  'napsal',
  'napsal\\(a\\)',
  'napísal',
  'je napisao',
  'írta',
  'a scris',
  'написал',
  'написала',
  'написал\\(а\\)',
  'пишет',
  'написав',
  'написав\\(ла\\)',
  'έγραψε',
  'yazdı',
  'şunları yazdı',
  'viết',
  'menulis',
  'כתב',
  'כתבה',
  'كتب',
  '写道',
  '寫道',
  'のメール',
  'さんが書きました',
  '님이 작성',
];

/**
 * The line (unfolded, trimmed) that introduces a quoted mail. A date or an address has to be in it beside the verb,
 * so that "as he wrote:" in a sentence does not cut a text. Chinese and Japanese full-width colons are colons.
 */
export const INTRODUCTION = new RegExp(
  `^(?=.*(?:\\d|@)).{0,400}(?:^|[\\s\\d>)\\]])(?:${WROTE.join('|')})[^\\n]{0,120}[:：]$`,
  'iu',
);

/** The same without a verb, as Gmail has it in Russian and others: a time, and an address at the end. */
export const INTRODUCTION_BY_ADDRESS = /^.{0,200}\d{1,2}[:.]\d\d\b.{0,200}<[^<>\s]+@[^<>\s]+>\s?[:：]$/u;

/** How such a line may begin where it is broken over several: what is looked at when a line ends in no colon. */
export const INTRODUCTION_START =
  /^(?:on|am|le|el|il|em|op|den|dne|dnia|w dniu|за|на|ke|pe|në|în|vào|tarihinde|στις|\d{1,4}[./-]|\d{4}年|\p{Lu}\p{Ll}{1,8}[.,] \d|.{1,80}<[^<>\s]+@[^<>\s]+>)/iu;

/** "-----Original Message-----" and its kin. A forwarded message is no quote: it is what the mail is about. */
export const ORIGINAL_MESSAGE = new RegExp(
  `^[-_*=\\s]{2,}(?:${[
    'original message',
    'original appointment',
    'reply message',
    'ursprüngliche nachricht',
    'originalnachricht',
    "message d'origine",
    'message original',
    'mensaje original',
    'mensagem original',
    'messaggio originale',
    'oorspronkelijk bericht',
    'oprindelig meddelelse',
    'ursprungligt meddelande',
    'opprinnelig melding',
    'alkuperäinen viesti',
    'wiadomość oryginalna',
    'oryginalna wiadomość',
    'původní zpráva',
    'pôvodná správa',
    'eredeti üzenet',
    'исходное сообщение',
    'оригинальное сообщение',
    'вихідне повідомлення',
    'αρχικό μήνυμα',
    'özgün ileti',
    'orijinal mesaj',
    '原始邮件',
    '原始郵件',
    '元のメッセージ',
    '원본 메시지',
  ].join('|')})\\s*[-_*=]{2,}$`,
  'iu',
);

/** The first line of a header block that Outlook and others put above a quoted mail. */
export const HEADER_FROM =
  /^[>*\s]{0,4}(?:from|message du|von|de|da|van|od|från|fra|lähettäjä|feladó|от|від|από|kimden|gönderen|发件人|寄件者|差出人|보낸 사람)\s?\*?\s?[:：]\*?\s{0,3}\S/iu;

/** Its further lines; two of them have to follow within a few lines. */
export const HEADER_MORE =
  /^[>*\s]{0,4}(?:sent|date|to|cc|subject|importance|gesendet|datum|an|betreff|envoyé|date d'envoi|à|objet|sujet|enviado(?: el| em)?|fecha|para|asunto|assunto|inviato|data|a|oggetto|verzonden|aan|onderwerp|wysłano|do|dw|temat|odesláno|komu|předmět|skickat|till|ämne|sendt|til|emne|lähetetty|vastaanottaja|aihe|küldve|címzett|tárgy|отправлено|дата|кому|тема|копия|надіслано|στάλθηκε|προς|θέμα|tarih|kime|konu|发送时间|收件人|主题|日期|寄件日期|收件者|主旨|送信日時|宛先|件名|보낸 날짜|받는 사람|제목)\s?\*?\s?[:：]\*?\s{0,3}\S/iu;

/** A line that phones and mail programs add about themselves. */
export const SENT_FROM = new RegExp(
  `^[-_\\s]{0,3}(?:${[
    'sent from (?:my |mail for|outlook|yahoo|proton|a mobile|an? |the )',
    'sent (?:via|with|using) ',
    'get outlook for ',
    'von meinem .{1,40} gesendet',
    'gesendet (?:von|mit|aus|über) ',
    'diese nachricht wurde von meinem ',
    'outlook für (?:android|ios|iphone)',
    'holen sie sich outlook',
    'envoyé (?:de(?:puis)? |à partir |avec |par )',
    'télécharger outlook',
    'obtenir outlook',
    'enviado (?:desde|do|de|a partir) ',
    'obtener outlook',
    'obter o outlook',
    'inviato da',
    'scarica outlook',
    'ottieni outlook',
    '(?:verzonden|verstuurd) (?:vanaf|met|van|via) ',
    'outlook voor ',
    'wysłane? z ',
    'wysłano z ',
    'pobierz outlook',
    'odesláno z',
    'odoslané z',
    'skickat från',
    'skickades från',
    'sendt fra',
    'lähetetty ',
    'küldve ',
    'trimis de pe',
    'отправлено (?:с|из) ',
    'надіслано з ',
    'στάλθηκε από ',
    "iphone['’]?umdan gönderildi",
    ".{1,30}(?:’|')?(?:den|dan) gönderildi",
    '发自我的',
    '從我的.{1,20}傳送',
    '从我的.{1,20}发送',
    '來自我的',
    '.{1,20}から送信',
    '나의 .{1,20}에서 보냄',
    '내 .{1,20}에서 보냄',
    'נשלח מה',
    'أُرسلت من',
    'تم الإرسال من',
  ].join('|')}).{0,100}$`,
  'iu',
);

/** A paragraph that a company or a scanner puts under every mail. */
export const DISCLAIMERS: readonly RegExp[] = [
  /\b(?:confidential|privileged|proprietary)\b[^]{0,600}\b(?:intended|recipient|addressee)/i,
  /\b(?:intended|recipient|addressee)[^]{0,600}\b(?:confidential|privileged|proprietary)\b/i,
  /\bif you (?:are not|have received)\b[^]{0,120}\b(?:intended|in error|by mistake)\b/i,
  /\bvertraulich[^]{0,600}(?:empfänger|bestimmt|adressat)/i,
  /(?:nicht der richtige adressat|irrtümlich erhalten|empfänger sind, informieren)/i,
  /\bconfidentiel[^]{0,600}destinat/i,
  /\bconfidencia[^]{0,600}destinat/i,
  /\briservat[^]{0,600}destinat/i,
  /\bvertrouwelijk[^]{0,600}(?:bestemd|geadresseerde)/i,
  /\bpoufn[^]{0,600}adresat/i,
  /\bkonfidenti[^]{0,600}(?:mottagare|modtager|mottaker)/i,
  /конфиденциальн[^]{0,600}(?:получател|адресат)/i,
  /\b(?:please )?(?:consider|think of) the environment\b/i,
  /(?:bitte )?(?:denken sie|prüfen sie)[^]{0,80}(?:umwelt|ausdruck)/i,
  /\bpensez à l['’]environnement\b/i,
  /\bvirus[- ]free\b/i,
  /\b(?:scanned|checked|geprüft|überprüft|vérifié|analizado|controllata)\b[^]{0,80}\bvir(?:us|en)/i,
  /\bvir(?:us|en)\b[^]{0,80}\b(?:scanned|checked|geprüft|überprüft|vérifié|analizado|controllata)\b/i,
  /^caution: this (?:e-?mail|message) (?:originated|was sent|came) from outside/i,
  /^(?:\[external\]|external (?:e-?mail|sender)|achtung: externe|externe e-?mail)/i,
];

/** The line that begins the footer of a mailing list. */
export const LIST_FOOTER =
  /^(?:_{20,}|-{2,3}|~{3,})\n(?:.*\n)?.{0,200}(?:mailing list|you received this message because|to unsubscribe|unsubscribe from|abmelden)/i;

/** "Type your answer above this line" of ticket systems. */
export const ANSWER_ABOVE =
  /^[#\-=\s]*(?:please )?(?:type|write|reply|enter|bitte|merci de|répondez|antworten|responda)[^\n]{0,60}(?:above this line|over deze lijn|oberhalb dieser zeile|über dieser zeile|au-dessus de cette ligne|encima de esta línea)[^\n]{0,20}$/i;
