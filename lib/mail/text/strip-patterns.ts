/**
 * What mail programs write around an answer, language by language: tables for strip.ts. Words are matched without
 * regard to case. One line adds a language.
 */

/** The verb in "On 3 June, Ann wrote:". Languages that put it first are matched by the same words. */
const WROTE = [
  'wrote',
  'writes',
  'schrieb',
  'geschrieben',
  'a écrit',
  'escribió',
  'va escriure',
  'ha escrit',
  'ha scritto',
  'escreveu',
  'schreef',
  'geschreven',
  'skrev',
  'kirjoitti',
  'napisał',
  'napisała',
  'napisał\\(a\\)',
  'napisana przez',
  'pisze',
  'píše',
  'napsal',
  'napsal\\(a\\)',
  'napísal',
  'napísal\\(a\\)',
  'je napisao',
  'napisao je',
  'napisala?',
  'је написао\\/ла',
  'написа',
  'írta',
  'a scris',
  'kirjutas',
  'rašė',
  'rakstīja',
  'написал',
  'вы писали',
  'вы написали',
  'ви писали',
  'написала',
  'написал\\(а\\)',
  'пишет',
  'пише',
  'написав',
  'написав\\(ла\\)',
  'έγραψε',
  'yazdı',
  'şunları yazdı',
  'viết',
  'menulis',
  'เขียนว่า',
  'כתב',
  'כתבה',
  'כתב\\/ה',
  'كتب',
  '写道',
  '寫道',
  'のメール',
  'さんが書きました',
  '님이 작성',
  '작성',
  '쓴 글',
];

/**
 * The line (unfolded, trimmed) that introduces a quoted mail. A date or an address has to be in it beside the verb,
 * so that "as he wrote:" in a sentence does not cut a text. Chinese and Japanese full-width colons are colons, and
 * Zoho has dashes for them.
 */
export const INTRODUCTION = new RegExp(
  `^(?=.*(?:\\d|@)).{0,400}(?:^|[\\s\\d>)\\]])(?:${WROTE.join('|')})(?:[^\\n]{0,120}[:：]| ----)$`,
  'iu',
);

/** The same without a verb we know, in whatever language: a date, a time and an address. */
export const INTRODUCTION_BY_ADDRESS =
  /^(?=.{0,300}(?:\d{4}|\d[./-]\d))(?=.{0,300}\d{1,2}[:.]\d\d).{0,300}[<(][^<>()\s]{1,200}@[^<>()\s]{1,200}[>)].{0,40}[:：]$/u;

const QUOTING = 'quoting|zitat von|citando a?|citation de|citat(?:ie)? (?:van|från)|citování|cytowanie';

/** And without a date: "Quoting Ann <ann@example.com>:". */
export const INTRODUCTION_BY_WORD = new RegExp(`^(?:${QUOTING}) .{0,200}@.{0,100}[:：]$`, 'iu');

/** With nothing but the marks below it to tell: "Ann Lee wrote:", "Quoting Ann (ann@example.com)", a date and "wrote". */
export const INTRODUCTION_ABOVE_MARKS = new RegExp(
  `^(?:(?:${QUOTING}) .{2,120}|(?:[*#] )?.{1,40} (?:${WROTE.join('|')})(?: .{1,30})? ?[:：]|(?=.*(?:\\d|@)).{1,200}[\\s>)](?:${WROTE.join('|')}))$`,
  'iu',
);

/** What may introduce a quote that is marked: with the marks below it, a date or an address is enough. */
export const INTRODUCTION_OF_MARKED = /^(?=.*(?:\d[./:]\d\d|\d{4}|\w@\w)).{0,400}(?:[:：]| ----)$/u;

/** How such a line may begin where it is broken over several: what is looked at when a line ends in no colon. */
export const INTRODUCTION_START =
  /^(?:(?:on|am|le|el|il|em|op|den|dne|dnia|w dniu|za|на|ke|pe|în|în|vào|tarihinde|στις)\s|.{0,200}(?:\d{4}|\d{1,2}[:.]\d\d|\d年|<))/iu;

/** A line that begins an introduction for certain: the one above it is no part of it. */
export const INTRODUCTION_CERTAIN =
  /^(?:on|am|le|el|il|em|op|den|dne|dnia|w dniu|на|pe|în|vào|στις|在)\s.{0,80}\d/iu;

/** "-----Original Message-----" and its kin. A forwarded message is no quote: it is what the mail is about. */
export const ORIGINAL_MESSAGE = new RegExp(
  `^[-_*=\\s]{2,}(?:${[
    'original message',
    'original appointment',
    'original e-?mail',
    'reply message',
    'ursprüngliche nachricht',
    'ursprüngliche (?:e-?)?mail',
    'original-?nachricht',
    "message d['’]origine",
    'message original',
    'mail original',
    'correo original',
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
    'původní e-?mail',
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
    '원본 (?:메시지|메일|이메일)',
    // Notes: "-----Ann Lee/Plant wrote: -----".
    `\\S.{0,100} (?:${WROTE.join('|')})\\s?[:：]?`,
  ].join('|')})\\s*[-_*=]{2,}$`,
  'iu',
);

/**
 * Lines that stand above a quote without marks and are like no others: GroupWise's `>>> Ann 6/3/2025 9:28 AM >>>`, Notes'
 * `Ann Lee---06/03/2025 09:28:11 AM---Pump`, and the date and address of Tuta: `Jun 3, 2025, 09:28 by ann@example.com:`.
 */
export const OWN_MANNER: readonly RegExp[] = [
  /^>>> (?=.*\d).{3,300}(?: >>>|<[^<>\s]+>:)$/u,
  /^.{1,100} ?---\d{1,4}[./-]\d{1,2}[./-]\d{2,4} \d{1,2}:\d\d.{0,12}---/u,
  /^(?=.{0,12}\d)[\p{L}\d][^<>@]{5,30}\d{4}, \d{1,2}[:.]\d\d(?: [AP]M)? \p{L}{1,5} [^\s@]+@[^\s@]+:$/iu,
];

/** The line above a forwarded mail: what follows it is what the mail is about, marked as a quote or not. */
export const FORWARDED = new RegExp(
  `^(?:[-_*=\\s]{2,}(?:${[
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
  ].join('|')})\\s*[-_*=]{2,}|(?:${[
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

/** Names of header fields in lower case, separated by bars. */
function names(...rows: readonly string[]): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => row.split('|')));
}

/** The sender's field in the header block that Outlook and others put above a quoted mail, language by language. */
export const HEADER_SENDER = names(
  'from|message du|von|de|de la|da|van|od|från|fra|lähettäjä|feladó|от|од|від|από|kimden|gönderen|dari',
  'од кого|frá|nork|remitent|از|จาก|보낸사람|từ|saatja|siuntėjas|nuo|no|sūtītājs|šalje|מאת|من|发件人|寄件者|寄件人|差出人|보낸 사람',
);

/** When it was sent, in words that stand in mails only. GMX begins with these. */
export const HEADER_SENT = names(
  'sent|gesendet|envoyé|envoyé le|enviado|enviada|enviado el|enviado em|enviada em|inviato|verzonden',
  'wysłane|wysłano|odesláno|odoslané|skickat|sendt|lähetetty|küldve|elküldve|trimis|отправлено',
  'надіслано|изпратено|послато|στάλθηκε|gönderildi|gönderme tarihi|dikirim|đã gửi|poslano|saadetud',
  'enviat el|enviat|bidaltze-data|saatmisaeg|ارسال شده|αποστολή|ส่ง|보낸날짜|išsiųsta|nosūtīts|נשלח|تم الإرسال|发送时间|发送日期|寄件日期|傳送時間|送信日時|보낸 날짜',
);

/** The same, in words that stand in timetables too. */
export const HEADER_DATE = names(
  "date|datum|date d'envoi|fecha|data|dato|päivämäärä|dată|дата|ημερομηνία|tarih|tanggal|ngày|kuupäev",
  'תאריך|التاريخ|日期|日時|날짜',
);

/** What it is about. */
export const HEADER_SUBJECT = names(
  'subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|temat|předmět|predmet|ämne|emne|aihe',
  'tárgy|subiect|тема|относно|наслов|θέμα|konu|perihal|subjek|chủ đề|zadeva|teema|temats|tema|נושא',
  'الموضوع|موضوع|efni|gaia|assumpte|tēma|เรื่อง|主题|主旨|件名|제목',
);

/** Recipients and what else is told of a mail. */
export const HEADER_REST = names(
  'to|cc|copy|importance|attachments|an|kopie|wichtigkeit|anlagen|à|a|copie|copie à|para|importancia',
  'aan|do|dw|komu|till|kopia|til|kopi|vastaanottaja|kopio|címzett|másolatot kap|către|кому|копия|копія',
  'до|за|προς|kime|bilgi|kepada|tới|đến|prima|za|adressaat|kam|אל|עותק|إلى|نسخة|收件人|抄送|收件者|副本|宛先|받는 사람',
  '참조|받는사람|받은 사람|per a|nori|به|ถึง|alıcı',
);

/** A field in a language not listed: it counts under the rule that Outlook draws above the block. */
export const HEADER_ANY = /^\*?\p{L}[\p{L}\p{M}' ]{0,24}\*?\s?[:：]\*?\s{0,3}\S/u;

/** A word that every line below has. */
export const SENT_FROM_WORDS =
  /sent |outlook|mail|posta|courrier|tuta|gesendet|nachricht|enviat|envoyé|enviado|inviato|verzonden|verstuurd|wysłan|odesláno|odoslané|poslan|skicka|sendt|lähetetty|küldve|trimis|отправлено|надіслано|изпратено|στάλθηκε|εστάλη|αποστολή|gönderildi|发自|傳送|发送|來自|送信|보냄|전송됨|נשלח|رسل|الإرسال|dikirim|gửi|ส่งจาก/i;

/** "Get Outlook for iOS", as it begins where the verb is in front. */
const GET_OUTLOOK = [
  'get|holen sie sich|obtenir|obtenez|télécharge[rz]|obtener|obter o|descargar|descarregar o|descarregue o|baixe o|baixar o|scarica|ottieni',
  'download|pobierz(?: aplikację| program)?|stáhnout|získa[tť]|stiahnuť|hent|hämta|skaffa|få|lataa|hanki|descărcați|obțineți|nabavite',
  'preuzmite|prenesite|shkarko|скачать|загрузить|отримати|изтеглете|αποκτήστε το|השג את|احصل على|dapatkan|tải|รับ|下载|获取|取得|下載',
].join('|');

/** A line that phones and mail programs add about themselves. */
export const SENT_FROM = new RegExp(
  `^[-_\\s]{0,3}(?:${[
    'sent from (?:my |mail for|outlook|yahoo|proton|a mobile|an? |the )',
    "sent from \\p{L}[\\p{L}\\d+&'. -]{0,30}(?:$|[(|<])",
    'sent (?:via|with|using) ',
    'sent by bluemail',
    'please excuse .{1,40} sent from ',
    'secured with tuta',
    'get bluemail for ',
    'yahoo mail: search, organi[sz]e, conquer',
    `(?:${GET_OUTLOOK}) outlook`,
    'outlook (?:für (?:android|ios|iphone)|voor |beszerzése|letöltése|for \\w+ を入手)',
    '(?:android|ios) ?(?:için|용) outlook',
    'androidos outlook',
    'von meinem .{1,40} gesendet',
    'von .{1,40} gesendet\\.?$',
    'gesendet (?:von|vom|mit|aus|über) ',
    'diese nachricht wurde von meinem ',
    'enviat des del? ',
    'envoyé (?:de(?:puis)? |à partir |avec |par )',
    'provenance\\s?: courrier pour windows',
    'provenienza: posta per windows',
    'enviado (?:desde|do|de|a partir) ',
    'inviato da(?: |l )',
    '(?:inviato|enviado) con .{1,40}proton',
    '(?:verzonden|verstuurd) (?:vanaf|vanuit|met|van|via) ',
    'wysłane? z ',
    'wysłano z ',
    'odesláno z',
    'odoslané z',
    'poslan[éo] (?:z|s|iz) ',
    'skickat från',
    'skickades från',
    'sendt fra',
    'lähetetty ',
    'küldve ',
    'trimis de pe',
    'отправлено (?:с|из) ',
    'надіслано з ',
    'изпратено от ',
    '(?:στάλθηκε|εστάλη|αποστολή) από ',
    "iphone['’]?umdan gönderildi",
    ".{1,60}(?:’|')?(?:den|dan) gönderildi",
    'windows için posta ile gönderil',
    '发自我的',
    '发送自我的',
    '傳送自我的',
    '從.{1,25}傳送',
    '从.{1,25}发送',
    '來自我的',
    '.{1,20}から送信',
    '나의 .{1,20}에서 보냄',
    '내 .{1,20}에서 (?:보냄|전송됨)',
    'windows용 메일에서 보냄',
    '(?:דואר זה )?נשלח מ',
    '(?:مُ?رسل|أُ?رسلت|تم الإرسال) من',
    'dikirim dari ',
    '(?:được )?gửi từ ',
    'ส่งจาก',
  ].join('|')}).{0,100}$`,
  'iu',
);

/** What is said in such a line besides, so that it reads like a sentence. */
export const SENT_FROM_EXCUSE = /excus|entschuldig|disculp|brev|typos|secure|sécuris|sicher/i;

/** A disclaimer speaks of the mail it stands under; a sentence about a confidential code does not. */
const ABOUT_THE_MAIL = [
  'message|e-?mail|mail|communication|transmission|attachment|document|nachricht|anhang|mitteilung|courriel|mensaje|correo',
  'mensagem|messaggio|comunicazion|informazioni|bericht|wiadomo|zpráv|meddelande|meddelelse|melding|viesti|сообщени|письм',
].join('|');

const confidential = (words: string): RegExp =>
  new RegExp(`^(?=[^]*(?:${ABOUT_THE_MAIL}))[^]*?(?:${words})`, 'i');

/** A paragraph that a company or a scanner puts under every mail. */
export const DISCLAIMERS: readonly RegExp[] = [
  confidential('\\b(?:confidential|privileged|proprietary)\\b[^]{0,600}\\b(?:intended|recipient|addressee)'),
  confidential('\\b(?:intended|recipient|addressee)[^]{0,600}\\b(?:confidential|privileged|proprietary)\\b'),
  /\bif you (?:are not|have received)\b[^]{0,120}\b(?:intended|in error|by mistake)\b/i,
  /\bintended (?:solely|only|exclusively) for\b[^]{0,200}\b(?:address|named|individual|recipient)/i,
  confidential('\\bvertraulich[^]{0,600}(?:empfänger|bestimmt|adressat)'),
  /(?:nicht der richtige adressat|irrtümlich erhalten|empfänger sind, informieren)/i,
  confidential('\\bconfidentiel[^]{0,600}destinat'),
  confidential('\\bconfidencia[^]{0,600}destinat'),
  confidential('\\briservat[^]{0,600}destinat'),
  confidential('\\bvertrouwelijk[^]{0,600}(?:bestemd|geadresseerde)'),
  confidential('\\bpoufn[^]{0,600}adresat'),
  confidential('\\bkonfidenti[^]{0,600}(?:mottagare|modtager|mottaker)'),
  confidential('конфиденциальн[^]{0,600}(?:получател|адресат)'),
  /(?:důvěrn|dôvern)[^]{0,600}(?:adresát|příjemc|príjemc)|(?:adresát|příjemc|príjemc)[^]{0,600}(?:důvěrn|dôvern)/i,
  /\bfortrolig[^]{0,600}(?:modtager|mottaker)/i,
  /\bluottamuksellinen[^]{0,600}vastaanottaj/i,
  /\bbizalmas[^]{0,600}címzett/i,
  /\bconfidențial[^]{0,600}destinatar/i,
  /\bgizli[^]{0,600}(?:alıcı|adreslen)/i,
  /конфіденційн[^]{0,600}(?:адресат|одержувач|отримувач)/i,
  /εμπιστευτικ[^]{0,600}παραλήπτ/i,
  /(?:機密|秘密)[^]{0,200}(?:誤って|受信)/,
  /(?:保密|机密|機密)[^]{0,200}(?:错收|误收|誤收|收件人)/,
  /(?:비밀|기밀)[^]{0,200}(?:잘못|수신)/,
  /\bpar erreur\b[^]{0,200}(?:expéditeur|détrui|supprim)/i,
  // What law wants below a mail, and where a page about privacy is.
  /\bregistered (?:in|office)\b[^]{0,200}\b(?:number|no\.?|reg)[^]{0,20}\d{5}/i,
  /\b(?:sitz der gesellschaft|amtsgericht|handelsregister|registergericht)\b[^]{0,200}\bhr[ab]\b/i,
  /^(?:(?:weitere )?(?:hinweise|informationen)|unsere datenschutz|datenschutz\p{L}{0,12}\s?:)[^]{0,200}(?:datenschutz|www\.|https?:)/iu,
  /^(?:we process|see our|our privacy|privacy (?:notice|policy|statement)\s?:)[^]{0,200}(?:privacy|https?:|www\.)/i,
  // Outlook, about a sender who is new to the reader.
  /aka\.ms\/learnaboutsenderidentification/i,
  /\b(?:please )?(?:consider|think of) the environment\b/i,
  /(?:bitte )?(?:denken sie|prüfen sie)[^]{0,80}(?:umwelt|ausdruck)/i,
  /\bpensez à l['’]environnement\b/i,
  /si vous n['’]êtes pas (?:le|son) (?:bon )?destinataire/i,
  /si (?:usted )?no es (?:el|su) destinatario/i,
  /se (?:você )?não (?:é|for) o destinatário/i,
  /se (?:avete|ha|ricevete|riceve)[^]{0,60}(?:per|in) errore/i,
  /(?:indien|als) u niet de (?:geadresseerde|beoogde ontvanger)/i,
  /(?:le informazioni contenute|la información contenida|as informações contidas)[^]{0,400}(?:destinat|riservat|confidenc)/i,
  /\b(?:antes de imprimir|prima di stampare|avant d['’]imprimer|voordat u deze e-?mail (?:af)?print)\b/i,
  /\bvirus[- ]free\b|^virenfrei\b/i,
  /\b(?:scanned|checked|geprüft|überprüft|vérifié|analizado|controllata)\b[^]{0,80}\bvir(?:us|en)/i,
  /\bvir(?:us|en)\b[^]{0,80}\b(?:scanned|checked|geprüft|überprüft|vérifié|analizado|controllata)\b/i,
  /^caution: this (?:e-?mail|message) (?:originated|was sent|came) from outside/i,
  /^(?:\[external\]|external (?:e-?mail|sender)|achtung: externe|externe e-?mail)/i,
];

/** A word that every disclaimer above has: most texts have none of them, and are not looked at further. */
export const DISCLAIMER_WORDS =
  /confid|privileg|propriet|intended|if you (?:are not|have received)|vertrau|adressat|empfänger|destinat|riservat|errore|geadresseerde|ontvanger|poufn|konfid|конфид|environment|umwelt|ausdruck|imprim|stampare|virus|viren|caution|external|externe|důvěrn|dôvern|fortrolig|luottamuks|bizalmas|gizli|конфіден|εμπιστευτ|機密|秘密|保密|机密|비밀|기밀|par erreur|virenfrei|datenschutz|privacy|données|protección|registered|company|register|amtsgericht|gesellschaft|aka\.ms|print/i;

/** The line that begins the footer of a mailing list. */
export const LIST_FOOTER =
  /^(?:_{20,}|-{2,3}|~{3,})\n(?:.*\n)?.{0,200}(?:mailing list|you received this message because|to unsubscribe|unsubscribe from|abmelden)/i;

/** "Type your answer above this line" of ticket systems. */
export const ANSWER_ABOVE =
  /^[#\-=\s]*(?:please )?(?:type|write|reply|enter|bitte|merci de|répondez|antworten|responda)[^\n]{0,60}(?:above this line|over deze lijn|oberhalb dieser zeile|über dieser zeile|au-dessus de cette ligne|encima de esta línea)[^\n]{0,20}$/i;
