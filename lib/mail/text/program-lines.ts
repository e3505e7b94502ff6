/** Lines that phones and mail programs add about themselves, language by language: tables for strip.ts. One line adds one. */

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
