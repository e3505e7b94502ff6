/**
 * What programs put around their notifications: that nobody reads answers, and why the reader gets them. Tables for strip.ts, a
 * paragraph of its own each.
 *
 * A pattern has to fit the whole paragraph and leaves no room for words of the sender's: "This is an automated message from the
 * fire alarm, do not reply" may be all that is said of the fire.
 */

const MAIL = '(?:e-?mail|mail|message|notification|alert)';

/** That a program wrote it, and that an answer is in vain. */
const NO_ANSWER: readonly (readonly [automatic: string, vain: string])[] = [
  [
    `this is an? (?:automat(?:ed|ic|ically)|auto|system|computer)[ -](?:generated |sent )?${MAIL}|this ${MAIL} (?:was|is|has been) (?:automatically (?:generated|sent|created)|(?:generated|sent|created) automatically|auto-?generated|sent from an? (?:unmonitored|no-?reply) (?:mailbox|address|account))|this (?:mailbox|inbox|address|e-?mail address) is (?:not |un)monitored`,
    `(?:please )?(?:do not|don['’]t|cannot) (?:reply|respond|answer)(?: directly)?(?: to (?:it|this ${MAIL}|this address))?|replies (?:to this ${MAIL} )?(?:are not|will not be|cannot be) (?:read|monitored|answered|delivered)`,
  ],
  [
    'diese (?:e-?mail|mail|nachricht) (?:wurde|ist) automatisch (?:erzeugt|generiert|erstellt|versendet|versandt|verschickt)(?: worden)?|dies ist eine automatisch(?:e| generierte| erzeugte| erstellte| versendete) (?:e-?mail|mail|nachricht|benachrichtigung)',
    '(?:bitte )?(?:antworten sie (?:bitte )?nicht(?: direkt)?(?: auf diese (?:e-?mail|mail|nachricht)| an diese adresse| darauf)?|nicht(?: direkt)? (?:auf diese (?:e-?mail|mail|nachricht) |darauf )?antworten)',
  ],
  [
    'ceci est un (?:message|e-?mail|courriel) (?:automatique|généré automatiquement)|cet? (?:message|e-?mail|courriel) (?:est|a été) (?:envoyé|généré) automatiquement',
    '(?:merci de|veuillez|prière de)? ?ne pas (?:y )?répondre(?: (?:à ce message|à cet e-?mail|à ce mail|à ce courriel))?',
  ],
  [
    'este es un (?:mensaje|correo)(?: electrónico)? (?:automático|generado automáticamente)|este (?:mensaje|correo)(?: electrónico)? (?:ha sido|fue) (?:generado|enviado) automáticamente',
    '(?:por favor,? )?no (?:responda|conteste|respondas)(?: a este (?:mensaje|correo|e-?mail)(?: electrónico)?)?',
  ],
  [
    'questo è un messaggio (?:automatico|generato automaticamente)|questa è una e-?mail (?:automatica|generata automaticamente)|quest[oa] (?:messaggio|e-?mail) è stat[oa] (?:generat|inviat)[oa] automaticamente',
    '(?:si prega di |(?:vi|la) preghiamo di )?non risponde(?:re|te)(?: a quest[oa] (?:messaggio|e-?mail|indirizzo))?',
  ],
  [
    'dit is een automatisch (?:gegenereerd |verzonden )?(?:bericht|e-?mail)|deze e-?mail is automatisch (?:gegenereerd|verzonden)',
    '(?:gelieve|u kunt|je kunt)? ?niet (?:op (?:dit bericht|deze e-?mail) )?(?:te )?(?:antwoorden|reageren|beantwoorden)|beantwoord (?:dit bericht|deze e-?mail) niet',
  ],
  [
    'est[ae] é uma? (?:mensagem automática|e-?mail automático)|est[ae] (?:mensagem|e-?mail) foi (?:gerad|enviad)[ao] automaticamente',
    '(?:por favor,? )?não responda(?: a est[ae] (?:mensagem|e-?mail))?',
  ],
  [
    '(?:ta )?wiadomość (?:została )?(?:wygenerowana|wysłana) automatycznie',
    '(?:prosimy )?(?:na nią )?nie odpowiadać(?: na tę wiadomość)?|nie odpowiadaj(?: na tę wiadomość)?',
  ],
];

/** Marks around such a paragraph, and between its two halves. */
const EDGE = '[\\s*_()\\[\\].!-]*';
const BETWEEN = '(?:[\\s,.;!–—-]+(?:(?:and|so|und|et|y|e|en|i)\\s)?)';

const SUBSCRIBED =
  '(?:subscribed|signed up|registered|opted|watch|were |mentioned|assigned|enabled|have an account|are a member|manage)';

/** Paragraphs that go. */
export const NOTICES: readonly RegExp[] = [
  ...NO_ANSWER.map(
    ([automatic, vain]) => new RegExp(`^${EDGE}(?:${automatic})(?:${BETWEEN}(?:${vain}))?${EDGE}$`, 'iu'),
  ),
  new RegExp(
    `^you(?:['’]re| are) (?:receiving|getting) this ${MAIL} because (?:of your (?:account|subscription|settings)|you(?:['’]re|['’]ve| are| have)? (?:\\p{L}+ ){0,2}${SUBSCRIBED})[^]{0,300}$`,
    'iu',
  ),
  /^(?:if you (?:wish|want|would like) to |to )?(?:unsubscribe(?=$|[\s:]*(?:from|here|link|click|at|by|https?:|[<(|]))|stop receiving (?:these|such|this)|(?:manage|update|change) your (?:e-?mail |notification |subscription )+(?:settings|preferences))(?!\p{L})[^]{0,300}$/iu,
  // Outlook, about a sender who is new to the reader, where the page it names is gone.
  /^\[?you don['’]t often get e-?mail from [^\n]{1,200}$/i,
  /^\[external(?: e-?mail| sender| message)?\]$/i,
];

/** The second half alone, with the mail named: only where no person writes to another, who may mean it. */
export const NO_ANSWER_NOTICES: readonly RegExp[] = NO_ANSWER.map(
  ([, vain]) =>
    new RegExp(
      `^(?=[^]*(?:mail|message|notification|nachricht|courriel|mensaje|correo|messaggio|bericht|mensagem|wiadomość))${EDGE}(?:${vain})${EDGE}$`,
      'iu',
    ),
);

/** A word that every one of them has. */
export const NOTICE_WORDS =
  /automat|monitored|repl[iy]|respon|antwort|répondre|rispond|antwoord|reager|odpowiada|unsubscribe|receiving this|getting this|receiving (?:these|such)|preferences|settings|often get|\[external|auto-|computer|contest/i;
