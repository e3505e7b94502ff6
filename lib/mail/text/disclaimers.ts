/** Paragraphs that companies, scanners and lists put under every mail, language by language: tables for strip.ts. */

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
  /^caution: this (?:e-?mail|message) (?:originated|was sent|came) from outside/i,
  /^(?:\[external\]|external (?:e-?mail|sender)|achtung: externe|externe e-?mail)/i,
];

/** A word that every disclaimer above has: most texts have none of them, and are not looked at further. */
export const DISCLAIMER_WORDS =
  /confid|privileg|propriet|intended|if you (?:are not|have received)|vertrau|adressat|empfänger|destinat|riservat|errore|geadresseerde|ontvanger|poufn|konfid|конфид|environment|umwelt|ausdruck|imprim|stampare|virus|viren|caution|external|externe|důvěrn|dôvern|fortrolig|luottamuks|bizalmas|gizli|конфіден|εμπιστευτ|機密|秘密|保密|机密|비밀|기밀|par erreur|virenfrei|datenschutz|privacy|données|protección|registered|company|register|amtsgericht|gesellschaft|aka\.ms|print/i;

/** The line that begins the footer of a mailing list. */
export const LIST_FOOTER =
  /^(?:_{20,}|-{2,3}|~{3,})\n(?:.*\n)?.{0,200}(?:mailing list|you received this message because|to unsubscribe|unsubscribe from|abmelden)/i;
