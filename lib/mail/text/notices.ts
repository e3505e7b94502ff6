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
    '(?:prosimy )?(?:na nią )?nie odpowiadać(?: na (?:tę wiadomość|ten e-?mail))?|(?:prosimy,? )?nie odpowiadaj(?: na (?:tę wiadomość|ten e-?mail))?',
  ],
  [
    'det(?:ta|te) (?:är|er) (?:ett|et|en) automati(?:skt|serat|seret|sk|sert)(?: (?:genererat|genereret|generert|skickat|sendt))? (?:meddelande|mejl|mail|e-?post(?:meddelande)?|meddelelse|besked|melding|e-?mail)|(?:denne (?:e-?mail|e-?posten?|besked|meldingen?)|detta (?:meddelande|mejl)) (?:är|er)(?: blevet| blitt)? (?:skickat|sendt|genererat|genereret|generert) automatiskt?',
    '(?:vänligen |venligst |vennligst |du kan )?(?:svara inte|svar ikke|ikke (?:be)?svare?|inte svara|ikke svar)(?: (?:på|til) (?:detta|denne|dette)(?: (?:meddelande|mejl|mail|e-?post(?:en)?|e-?mail|besked|melding(?:en)?))?)?',
  ],
  [
    'tämä (?:on automaattinen (?:viesti|sähköposti)|(?:viesti|sähköposti) on lähetetty automaattisesti)',
    '(?:ethän vastaa|älä vastaa|älkää vastatko)(?: tähän (?:viestiin|sähköpostiin))?',
  ],
  [
    '(?:toto je automatick(?:á|y|ý) (?:generovan[áý] )?(?:zpráva|správa|e-?mail)|(?:tento e-?mail|tato zpráva|táto správa) (?:byl[ao]?|bol[ao]?|je) (?:automaticky )?(?:generov[aá]n[aáýo]?|vygenerov[aá]n[aáýo]?|odesl[aá]n[aáýo]?|odoslan[áýé])(?: automaticky)?)',
    '(?:prosím,? )?(?:neodpovídejte|neodpovedajte)(?: na (?:tuto zprávu|tento e-?mail|túto správu|ni|něj))?|(?:prosíme,? )?neodpovídejte(?: na (?:tuto zprávu|tento e-?mail))?',
  ],
  [
    'это (?:письмо|сообщение) (?:создано|отправлено|сформировано|сгенерировано) автоматически|это автоматическое (?:письмо|сообщение|уведомление)|цей лист (?:створено|надіслано|сформовано) автоматично|це автоматичн(?:ий лист|е повідомлення)',
    '(?:пожалуйста,? |просьба )?не отвеча(?:йте|ть)(?: на (?:него|это письмо|это сообщение|данное письмо))?|(?:будь ласка,? )?не відповідайте(?: на (?:нього|цей лист|це повідомлення))?',
  ],
  [
    'αυτό είναι (?:ένα )?αυτόματο (?:μήνυμα|e-?mail)|το μήνυμα αυτό (?:δημιουργήθηκε|στάλθηκε) αυτόματα|bu (?:otomatik (?:olarak )?(?:gönderilen|oluşturulan|gönderilmiş) )?(?:bir )?(?:e-?posta|mesaj|ileti)(?:dır|dir)?(?: otomatik (?:olarak )?(?:gönderilmiştir|oluşturulmuştur))?',
    '(?:παρακαλούμε )?(?:μην απαντήσετε|μην απαντάτε)(?: σε αυτό(?: το (?:μήνυμα|e-?mail))?)?|(?:lütfen )?(?:bu (?:e-?postay[ıa]|mesaj[ıa]) )?(?:yanıtlamayın(?:ız)?|cevap vermeyin(?:iz)?|cevaplamayın(?:ız)?)',
  ],
  [
    'この(?:メール|メッセージ)は(?:自動(?:的に)?(?:送信|配信|生成)(?:されて(?:います|おります)|です)?|システムより自動送信されています)|(?:本邮件|此邮件|该邮件|這封郵件|此郵件)(?:为|由|是)?(?:系统|系統)?自动?(?:自動)?(?:发送|發送|生成|发出)?(?:的)?(?:邮件)?|이 (?:메일|이메일|메시지)은 자동(?:으로)? (?:발송|생성)(?:되었습니다|된 메일입니다|된 메시지입니다)',
    '(?:この(?:メール|メッセージ)に)?(?:返信|ご返信)(?:しないでください|いただいても(?:お答え|回答)できません|は(?:ご遠慮|お控え)ください)|请勿(?:直接)?回复(?:此邮件|本邮件)?|請勿(?:直接)?回覆(?:此郵件|本郵件)?|(?:이 (?:메일|이메일)(?:에|로) )?(?:회신|답장)하지 (?:마십시오|마세요)',
  ],
];

/** Marks around such a paragraph, and between its two halves. */
const EDGE = '[\\s*_()\\[\\].!-]*';
const BETWEEN = '(?:[\\s,.;!–—-]+(?:(?:and|so|und|et|y|e|en|i)\\s)?)';

const SUBSCRIBED =
  '(?:subscribed|signed up|registered|opted|watch|were |mentioned|assigned|enabled|have an account|are a member|manage)';

/** Paragraphs that go. */
const NOTICES: readonly RegExp[] = [
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
const NO_ANSWER_NOTICES: readonly RegExp[] = NO_ANSWER.map(
  ([, vain]) =>
    new RegExp(
      `^(?=[^]*(?:mail|message|notification|nachricht|courriel|mensaje|correo|messaggio|bericht|mensagem|wiadomość))${EDGE}(?:${vain})${EDGE}$`,
      'iu',
    ),
);

/** Why nobody reads answers, behind the wish for none. */
const REASON =
  '(?:[\\s,;–—-]+(?:as|because|since|for|it|da|weil|denn|car|puisque|ya que|porque|pues|poiché|perché|in quanto|omdat|want|aangezien|pois|ponieważ|gdyż|eftersom|då|fordi|koska|protože|так как|потому что|оскільки|бо|διότι|καθώς)(?!\\p{L}).{0,160})?';

/** Why somebody gets such mails: what the reader did once, never what has happened now. */
const WHY: readonly string[] = [
  `you(?:['’]re| are|['’]ve| have)? (?:receiv(?:ed|ing)|getting|got) (?:this|these) ${MAIL}s? (?:because|as|since) (?:of your (?:account|subscription|settings)|(?:you|your e-?mail(?: address)?)(?:['’]re|['’]ve)?(?: \\([^)]{1,80}\\))?(?: (?!will|can|should)\\p{L}+){0,4} ?${SUBSCRIBED}).{0,200}`,
  `this ${MAIL} (?:was|is|has been) (?:sent|intended|addressed|delivered) (?:to|for) \\S+@\\S+.{0,160}`,
  '(?:sie|du) (?:erhalten|erhältst|bekommen|bekommst|haben|hast) diese (?:e-?mail|mail|nachricht|benachrichtigung)(?: erhalten)?,? (?:weil|da) (?:sie|du).{0,120}(?:angemeldet|registriert|abonniert|eingetragen|teilnehm|konto|kunde).{0,80}',
  '(?:vous|tu) (?:recevez|reçois|avez reçu) (?:cet? (?:e-?mail|message|courriel)|ce mail) (?:car|parce que|parce qu’|puisque) (?:vous|tu).{0,120}(?:inscrit|abonné|enregistré|compte|client).{0,80}',
  '(?:usted )?(?:ha recibido|recibe|recibes|has recibido|está recibiendo) est[ea] (?:correo|mensaje|e-?mail)(?: electrónico)? porque.{0,120}(?:suscri|registr|inscri|cuenta).{0,80}',
  '(?:hai ricevuto|ricevi|ha ricevuto|riceve|stai ricevendo) quest[ao] (?:e-?mail|mail|messaggio) perché.{0,120}(?:iscri|registr|abbon|account).{0,80}',
  '(?:você )?(?:recebeu|está recebendo|recebe|está a receber) est[ea] (?:e-?mail|mensagem) porque.{0,120}(?:inscr|cadastr|regist|assin|subscr|conta).{0,80}',
  '(?:u|je|jij) (?:ontvangt|krijgt|heeft) (?:deze e-?mail|dit bericht)(?: ontvangen)?,? omdat.{0,120}(?:geabonneerd|aangemeld|geregistreerd|ingeschreven|account).{0,80}',
  '(?:du|ni) (?:får|fick|har fått|modtager|har modtaget|mottar|har mottatt) (?:detta|denne|dette) (?:mejl|mail|e-?mail|e-?post(?:en|meddelande)?|meddelande|besked|melding(?:en)?),? (?:eftersom|då|fordi|da) (?:du|ni).{0,120}(?:prenumerer|registrer|anmäl|tilmeld|abonner|påmeldt|konto).{0,80}',
  '(?:saat|sait|olet saanut) tämän (?:viestin|sähköpostin),? koska.{0,120}(?:tilan|tilaaj|rekisteröi|kirjau|asiakas).{0,80}',
  '(?:otrzymujesz|otrzymałeś|otrzymałaś|otrzymałeś\\(aś\\)|otrzymali państwo|dostajesz) (?:tę wiadomość|ten e-?mail),? (?:ponieważ|gdyż|bo).{0,120}(?:zapis|subskry|zarejestr|kont).{0,80}',
  '(?:tento e-?mail|tuto zprávu|túto správu) (?:jste obdrželi|dostáváte|dostávate|ste dostali),? (?:protože|pretože|lebo).{0,120}(?:přihlá|prihlá|registr|odb[eě]r|odober).{0,80}',
  'вы (?:получили|получаете) это (?:письмо|сообщение),? (?:потому что|так как|поскольку).{0,120}(?:подпис|зарегистр).{0,80}|ви (?:отримали|отримуєте) цей лист,? (?:оскільки|бо|тому що).{0,120}(?:підпис|зареєстр).{0,80}',
  '(?:λάβατε|λαμβάνετε) αυτό το (?:e-?mail|μήνυμα) (?:επειδή|γιατί|διότι).{0,120}(?:εγγρ|εγγεγ|συνδρομ|λογαριασμ).{0,80}|bu (?:e-?postayı|mesajı|iletiyi).{0,120}(?:abone|kayıt|kaydol|üye).{0,80}(?:aldınız|alıyorsunuz).{0,20}',
  'この(?:メール|メッセージ)は.{0,60}(?:登録|配信|購読|会員).{0,60}(?:お送り|配信|送信)して.{0,20}|您(?:收到|会收到)(?:此|这封|本|該|這封)(?:邮件|電郵|郵件|电子邮件).{0,20}因为?.{0,40}(?:订阅|註冊|注册|訂閱).{0,40}|이 (?:메일|이메일)은.{0,60}(?:구독|가입|등록|동의).{0,60}(?:발송|보내|전송).{0,20}',
];

/** How to get no more of them. */
const UNSUBSCRIBE: readonly string[] = [
  '(?:(?:if you (?:wish|want|would like|prefer)|to) (?:\\p{L}+ ){0,3})?(?:un-?subscribe|opt[- ]out)(?:(?!\\p{L}).*)?',
  `(?:if you|should you) .{0,40}(?:no longer (?:wish|want)|do(?: not|n['’]t) (?:wish|want)|(?:wish|want|like|prefer)(?: not)? to (?:stop|be removed|unsubscribe|opt)).{0,120}(?:receiv|mail|list|subscri).*`,
  '(?:manage|update|change|edit) (?:your |my )?(?:e-?mail |notification |subscription |communication )+(?:settings|preferences|subscriptions?).*',
  '(?:newsletter )?(?:abmelden|abbestellen|abmeldung)(?: vom newsletter)?(?: .{0,60})?|(?:wenn|falls|möchten|wollen) (?:sie|du) .{0,80}(?:mails?|newsletter|nachrichten|benachrichtigungen) .{0,40}(?:erhalten|bekommen|empfangen|abbestellen|abmelden).*|(?:um sich|hier) .{0,60}(?:abzumelden|abbestellen|abmelden).*',
  '(?:se |vous )?(?:désabonner|désinscrire|désinscription|désabonnement)(?: .{0,100})?|(?:si vous ne (?:souhaitez|voulez|désirez) plus|pour ne plus) (?:recevoir|être).*|pour (?:vous|se) (?:désabonner|désinscrire).*',
  '(?:darse de baja|cancelar (?:la |tu |su )?suscripción|anular (?:la )?suscripción)(?: .{0,100})?|si (?:ya )?no (?:desea|deseas|quiere|quieres) .{0,20}recibi.*|para (?:dejar de recibir|darse de baja|cancelar (?:la|su|tu) suscripción).*',
  "(?:annulla (?:l['’])?iscrizione|cancella(?:ti|rsi)|disiscriv(?:iti|ersi)|disiscrizione)(?: .{0,100})?|se non (?:desider[ai]|vuo[il]|volete|vuole) .{0,20}ricever.*|per (?:non ricevere più|cancellarti|disiscriverti|annullare l['’]iscrizione).*",
  '(?:cancelar (?:a )?(?:inscrição|subscrição|assinatura)|descadastr\\p{L}*|remover inscrição)(?: .{0,100})?|se (?:você )?não (?:deseja|quer|quiser|pretende) .{0,20}receber.*|para (?:deixar de receber|cancelar (?:a )?(?:sua )?(?:inscrição|subscrição|assinatura)|não receber).*',
  '(?:uitschrijven|afmelden|schrijf (?:u|je) (?:hier )?uit)(?: .{0,100})?|(?:als|indien|wilt|wil) (?:u|je) .{0,60}(?:mails?|nieuwsbrief|berichten) .{0,30}(?:ontvangen|uitschrijven|afmelden).*',
  '(?:avsluta (?:prenumeration(?:en)?|din prenumeration)|avprenumerera|avregistrera|afmeld|frameld|meld deg av|avslutt abonnement(?:et)?|peruuta tilaus|poistu listalta)(?: .{0,100})?|(?:om|hvis) (?:du|ni) (?:inte|ikke) (?:längre|længere|lenger)? ?(?:vill|ønsker|vil) .{0,30}(?:få|ta emot|modtage|motta).*|jos et (?:enää )?halua .{0,30}(?:vastaanottaa|saada).*',
  '(?:wypisz się|zrezygnuj|rezygnacja|anuluj subskrypcję|wypisać się)(?: .{0,100})?|(?:jeśli|jeżeli) .{0,40}nie chcesz .{0,30}otrzymywać.*|aby .{0,20}(?:zrezygnować|wypisać).*|(?:odhlásit|odhlásiť|odhlášení)(?: .{0,100})?|(?:pokud|ak|chcete-li) .{0,40}(?:nechcete|nepřejete|neželáte) .{0,40}(?:dostávat|odebírat|zasíl|dostávať).*|chcete-li se odhlásit.*',
  'отписаться(?: .{0,100})?|если вы (?:больше )?не хотите .{0,20}получать.*|чтобы (?:больше не получать|отписаться).*|відписатися(?: .{0,100})?|якщо ви (?:більше )?не (?:бажаєте|хочете) .{0,20}отримувати.*|щоб (?:відписатися|більше не отримувати).*',
  '(?:διαγραφή από|κατάργηση εγγραφής|απεγγραφή)(?: .{0,100})?|(?:αν|εάν) δεν (?:επιθυμείτε|θέλετε) .{0,20}λαμβάν.*|(?:abonelikten (?:çık|ayrıl)|aboneliği iptal|aboneliğinizi iptal|üyelikten (?:çık|ayrıl)).*|artık.{0,60}almak istem.*',
  '配信(?:停止|解除|を停止|の停止).{0,80}|.{0,30}(?:メール|配信).{0,20}(?:不要|希望されない|ご希望でない).{0,60}(?:方|場合).*|退订.{0,60}|取消(?:订阅|訂閱).{0,60}|如(?:果您)?(?:不想|不希望|不愿).{0,20}(?:接收|收到).*|수신 ?거부.{0,60}|구독 ?(?:취소|해지).{0,60}',
];

/** What is to be clicked, and no word more. */
const CLICK =
  '(?:[\\s,:;?!.|–-]*(?:please |bitte |veuillez |por favor,? |klik |klicken sie |cliquez |haga |clicca |clique )?(?:click(?: it)?|clic|klicken|here|hier|ici|aquí|aqui|qui|här|her|tästä|tutaj|zde|sem|здесь|тут|εδώ|buraya|tıklayın|view it (?:online|in your browser)|view online|read it online|こちら|点击这里|请点击此处|여기)(?: (?:here|hier|ici|aquí|aqui|qui|tıklayın|in your browser|to view it online))*)?';

/** Where to read it instead, on top of newsletters: a line that is nothing else. */
const ONLINE: readonly string[] = [
  `(?:are you )?(?:can['’]?t|cannot|can not|unable to|having (?:trouble|problems|difficult(?:y|ies))(?: with)?|trouble|problems?|difficulty) (?:read|view|see|display|open)(?:ing)? (?:this|the|our|images|${MAIL}|newsletter)(?: ${MAIL}| newsletter| images| in this ${MAIL})*(?: properly| correctly)?${CLICK}`,
  `(?:is|if) (?:this|the|your) (?:${MAIL}|newsletter)(?: is| does)? ?(?:not|n['’]t)? (?:display(?:ed|ing)?|look|show).{0,120}|if you (?:can['’]?t|cannot|are unable to|are having (?:trouble|problems|difficult(?:y|ies))|have (?:trouble|problems)|do not|don['’]t) (?:read|view|see)(?:ing)? (?:this|the|our|any|images).{0,40}(?:${MAIL}|newsletter|images?|below|correctly|properly).*`,
  `(?:click here to )?(?:view|read|open|see) (?:(?:this|the|it|as) )?(?:a )?(?:${MAIL} |newsletter |images? |version )?(?:online|in (?:your|a|the|my) (?:web )?browser|as (?:a )?web ?page|on the web|web version|online version|browser version)${CLICK}|(?:online|web|browser) ?version${CLICK}`,
  `(?:falls|wenn|sollte|wird|werden) .{0,40}(?:e-?mail|mail|newsletter|nachricht) nicht .{0,30}(?:angezeigt|dargestellt|lesen|lesbar).*|(?:können sie|probleme).{0,40}(?:e-?mail|mail|newsletter|nachricht).{0,30}(?:lesen|darstellung|anzeige|ansehen).{0,60}${CLICK}|(?:newsletter |e-?mail |mail )?(?:im browser|online|in der browseransicht) (?:öffnen|ansehen|anzeigen|lesen|betrachten)${CLICK}|(?:zur )?(?:online|web|browser)-?(?:version|ansicht)(?: (?:öffnen|ansehen|anzeigen))?${CLICK}`,
  `(?:si|problème|des difficultés|vous n[’']arrivez pas).{0,40}(?:e-?mail|message|courriel|newsletter|lettre|mail).{0,40}(?:affich|lire|lis|visuali|voir).*|vous n[’']arrivez pas à (?:lire|voir|visualiser) .{0,40}|(?:voir|lire|afficher|consulter|visualiser|ouvrir) (?:.{0,30} )?(?:en ligne|dans (?:votre|le|un|mon) navigateur)${CLICK}|version (?:en ligne|web)${CLICK}`,
  `¿?(?:no puede[s]?|si no puede[s]?|problemas para|si no (?:ve|ves)).{0,20}(?:ver|leer|visualizar|ve|ves|bien).{0,20}(?:correo|mensaje|e-?mail|boletín|imágenes).{0,60}|(?:ver|leer|abrir) (?:.{0,30} )?(?:en (?:el|su|tu|un) navegador|en línea|online|versión web)${CLICK}|versión (?:en línea|online|web)${CLICK}`,
  `(?:non (?:riesci|riesce)|se non (?:riesci|visualizzi|vedi)|problemi).{0,20}(?:legg|visualizz|ved).{0,30}(?:e-?mail|mail|messaggio|newsletter).{0,60}|(?:visualizza|leggi|apri|guarda|vedi) (?:.{0,30} )?(?:nel (?:tuo )?browser|online|sul web)${CLICK}|versione (?:online|web)${CLICK}`,
  `(?:não consegue|se não consegue|problemas para|caso não consiga).{0,20}(?:ler|ver|visualizar).{0,30}(?:e-?mail|mensagem|newsletter|imagens).{0,60}|(?:ver|ler|abrir|visualizar|veja) (?:.{0,30} )?(?:no (?:seu )?navegador|online|na web|em linha|no browser)${CLICK}|versão (?:online|web)${CLICK}`,
  `(?:kunt u|kun je|lukt het niet|problemen|wordt) .{0,30}(?:e-?mail|mail|nieuwsbrief|bericht).{0,30}(?:lezen|bekijken|weergegeven|leesbaar).{0,60}|(?:bekijk|lees|open) (?:.{0,30} )?(?:in (?:uw|je|de) browser|online|webversie)${CLICK}|(?:online|web)versie${CLICK}`,
  `(?:visa|öppna|läs|vis|åbn|se|åpne|les) (?:.{0,30} )?(?:i (?:webbläsare[n]?|browser(?:en)?|nettleser(?:en)?)|online|på nätet|på nettet)${CLICK}|(?:problem(?:er)?|kan du (?:inte|ikke)|har du problem).{0,30}(?:läsa|visa|læse|se|vise|lese).{0,30}(?:mejl|mail|e-?post|nyhetsbrev|nyhedsbrev).{0,60}|(?:webb?|online)-?(?:version|versjon)(?:en)?${CLICK}|(?:näytä|avaa|lue|katso) (?:.{0,30} )?(?:selaimessa|verkossa)${CLICK}|eikö (?:viesti|sähköposti|uutiskirje) .{0,60}`,
  `(?:zobacz|otwórz|wyświetl|przeczytaj) (?:.{0,30} )?(?:w przeglądarce|online)${CLICK}|(?:nie widzisz|problem|jeśli).{0,30}(?:e-?mail|wiadomoś|newsletter).{0,30}(?:wyświetl|widzi|odczyt).{0,60}|(?:zobrazit|otevřít|zobraziť|otvoriť) (?:.{0,30} )?(?:v prohlížeči|v prehliadači|online)${CLICK}|(?:nezobrazuje|pokud se).{0,30}(?:e-?mail|zpráva|newsletter).{0,60}`,
  `(?:открыть|посмотреть|просмотреть|читать|смотреть) (?:.{0,30} )?(?:в браузере|онлайн)${CLICK}|(?:если|не отображается) .{0,30}(?:письмо|сообщение|рассылка).{0,30}(?:отображ|отобраз|открыва).{0,60}|(?:відкрити|переглянути|читати) (?:.{0,30} )?(?:у браузері|в браузері|онлайн)${CLICK}|(?:προβολή|δείτε|άνοιγμα|διαβάστε) (?:.{0,30} )?(?:στ(?:ον|ο)|σε) (?:.{0,20} )?(?:browser|πρόγραμμα περιήγησης)${CLICK}|tarayıcı(?:da|nızda) (?:görüntüle|aç|oku)\\p{L}*${CLICK}`,
  '.{0,20}ブラウザー?で.{0,10}(?:表示|見る|開く|ご覧|閲覧).{0,20}|.{0,10}メールが?(?:正しく|うまく)表示され(?:ない|ません).{0,60}|.{0,10}(?:在|用)(?:浏览器|瀏覽器)(?:中)?(?:查看|打开|檢視|開啟).{0,20}|.{0,10}(?:无法|無法)(?:正常|正确)?(?:显示|查看|阅读|顯示|檢視)(?:此|本|该)?(?:邮件|郵件).{0,40}|.{0,10}(?:웹|브라우저)(?:에서|로) ?(?:보기|열기).{0,20}|.{0,10}메일이.{0,20}보이지 않.{0,40}',
];

/** What stands beside the others and is none alone. */
const COMPANION: readonly string[] = [
  '(?:for (?:more |any |further )?(?:help|support|assistance|information|questions?|details)|if you (?:have|need)|need help|questions\\?|to contact us|contact us|visit (?:us|our)|please (?:contact|visit|use)|click here).{0,200}',
  '(?:©|\\(c\\)|copyright).{0,160}|all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|tutti i diritti riservati|todos os direitos reservados',
  '(?:privacy (?:policy|notice)|terms (?:of (?:use|service)|and conditions)|datenschutz\\p{L}*|impressum|mentions légales|política de privacidad(?:e)?|contact)(?:[\\s|·•,&-]+(?:privacy (?:policy|notice)|terms.{0,20}|datenschutz\\p{L}*|impressum|contact|unsubscribe))*',
  "(?:bei fragen|für hilfe|fragen\\?|kontakt|pour toute question|besoin d[’']aide|si tiene (?:alguna )?(?:pregunta|duda)|per (?:assistenza|informazioni)|em caso de dúvidas?|heeft u vragen|vragen\\?).{0,200}",
];

/** Programs that look at mails. */
const SCANNERS =
  '(?:mail ?scanner|mail ?guard|avast|avg|eset|nod32|kaspersky|norton|symantec|mcafee|sophos|bitdefender|avira|f-secure|trend ?micro|clam ?av|amavis|barracuda|proofpoint|mimecast|spam ?assassin|messagelabs|forti(?:mail|net|guard)|check ?point|panda|g ?data|comodo|watchguard|sonicwall|spamtitan|mailmarshal|microsoft defender|forcepoint|hornetsecurity|retarus|rspamd|dr\\.? ?web|sophos|cisco|ironport|zix)';

/** That a scanner has looked at the mail and found nothing. */
const SCANNED: readonly string[] = [
  '(?:this|the|your|outgoing|incoming|all)?(?: (?:outgoing|incoming))? ?(?:e-?mail|mail|message|attachments?)s?(?: and (?:any|its|all) attachments?)? (?:has|have|was|were|is|are) (?:been )?(?:automatically )?(?:scanned|checked|certified|verified|screened) (?:for|by|as|with|using|against|and)(?!.{0,200}\\b(?:found|detected|infected|blocked|removed|failed)\\b).{0,200}',
  `(?:e-?mail |mail |message )?(?:scanned|checked|protected|screened|verified) (?:by|for|with) (?:${SCANNERS}|virus|spam|malware)(?!.{0,120}\\b(?:found|detected|infected)\\b).{0,120}|no virus(?:es)? (?:was |were )?found in (?:this|the) (?:incoming |outgoing )?(?:message|e-?mail|mail).{0,120}|(?:this (?:e-?mail|message) is )?(?:100 ?% )?(?:certified )?virus[- ]free\\b.{0,80}|this (?:e-?mail|message) (?:contains|has) no (?:known )?virus.{0,80}`,
  'die(?:se)? (?:e-?mail|mail|nachricht)(?: und .{0,30}anhänge)? (?:wurde|wurden|ist) (?:.{0,80} )?(?:auf|nach) (?:viren|schadsoftware|spam|malware).{0,40}(?:geprüft|überprüft|untersucht|gescannt|durchsucht|gecheckt).{0,120}|auf viren geprüft.{0,80}|(?:diese (?:e-?mail|nachricht) ist )?virenfrei.{0,80}',
  "(?:ce|cet|le) (?:message|e-?mail|courriel|courrier électronique|mail) (?:a été|est) (?:analysé|vérifié|scanné|contrôlé|examiné).{0,160}|l[’']absence de virus dans .{0,120}|(?:garanti )?sans virus.{0,80}|analyse antivirus .{0,80}",
  'est[ea] (?:mensaje|correo|e-?mail)(?: electrónico)? ha sido (?:analizado|comprobado|verificado|escaneado|revisado).{0,160}|el software (?:de )?antivirus .{0,40} ha analizado .{0,120}|(?:libre|sin) de? ?virus.{0,80}',
  'quest[ao] (?:e-?mail|mail|messaggio) è stat[ao] (?:controllat|verificat|analizzat|esaminat|scansionat)[ao].{0,160}|(?:privo di|senza) virus.{0,80}|mail priva di virus.{0,80}',
  'est[ea] (?:e-?mail|mensagem) foi (?:escaneada?|verificada?|analisada?|examinada?|digitalizada?).{0,160}|(?:livre|sem) (?:de )?vírus.{0,80}|o software antivírus .{0,120}',
  '(?:deze e-?mail|dit bericht|dit e-?mailbericht) (?:is|werd) (?:.{0,60} )?(?:gecontroleerd|gescand|gecheckt|onderzocht).{0,120}|virusvrij.{0,80}',
  '(?:detta|denne|dette) (?:mejl|mail|e-?mail(?:en)?|e-?post(?:en|meddelande|meddelandet)?|meddelande|besked|melding(?:en)?) (?:har|är|er) (?:.{0,40} )?(?:kontrollerats?|genomsökts?|sökts igenom|skannats?|kontrolleret|scannet|skannet|kontrollert|sjekket).{0,120}|virusfri(?:tt|t)?\\b.{0,80}|tämä (?:viesti|sähköposti(?:viesti)?) on (?:tarkistettu|tarkastettu|skannattu).{0,120}|virukseton.{0,80}|ei viruksia.{0,80}',
  '(?:ta wiadomość(?: e-?mail)?|ten e-?mail) (?:została?|był[ao]?) (?:.{0,30} )?(?:sprawdzon|przeskanowan|zeskanowan)\\p{L}+.{0,120}|(?:wolny|wolne|bez) (?:od )?wirus(?:ów|y).{0,80}|(?:tento e-?mail|tato zpráva|táto správa|tato e-mailová zpráva) (?:byl[ao]?|bol[ao]?) (?:.{0,40} )?(?:zkontrolov|skontrolov|prověř|preskenov|prohled)\\p{L}+.{0,120}|bez virů.{0,80}|neobsahuje (?:žádné )?viry.{0,80}',
  '(?:это|данное) (?:письмо|сообщение)(?: электронной почты)? (?:было )?провер\\p{L}+.{0,120}|(?:без|не содержит) вирус.{0,80}|(?:цей лист|це повідомлення) (?:було )?перевір\\p{L}+.{0,120}|без вірусів.{0,80}',
  '(?:αυτό το|το παρόν) (?:μήνυμα|e-?mail|email) (?:έχει )?(?:ελέγχθηκε|ελεγχθεί|σαρώθηκε).{0,120}|χωρίς ιούς.{0,80}|bu (?:e-?posta|mesaj|ileti).{0,80}(?:virüs|antivirüs).{0,60}(?:tara|kontrol|denet)\\p{L}+.{0,80}|virüs(?:süz| bulunm|ten arın).{0,80}',
  'この(?:メール|メッセージ|電子メール)は.{0,60}(?:ウイルス|ウィルス).{0,60}(?:チェック|スキャン|検査|検出).{0,60}|(?:ウイルス|ウィルス)(?:フリー|は検出されません).{0,60}|(?:此|本|该|这封|此封)(?:电子)?(?:邮件|郵件)已?.{0,40}(?:扫描|检查|检测|掃描|檢查|查杀).{0,60}|(?:不含|没有|無|无)病毒.{0,40}|이 (?:메일|이메일|메시지)은.{0,60}바이러스.{0,40}(?:검사|확인|스캔|없).{0,60}',
];

function whole(...sentences: readonly string[]): RegExp {
  return new RegExp(`^(?:${sentences.join('|')})$`, 'iu');
}

const VAIN = `(?:${NO_ANSWER.map(([, vain]) => vain).join('|')})`;
const STRONG = whole(
  ...NO_ANSWER.map(([automatic]) => automatic),
  ...NO_ANSWER.map(([automatic, vain]) => `(?:${automatic})${BETWEEN}(?:${vain})${REASON}`),
  ...WHY,
  ...UNSUBSCRIBE,
  ...ONLINE,
);
/** A wish for no answers that names the mail or says why: a person may wish for none too. */
const NO_REPLY = whole(
  `(?=.*(?:mail|message|notification|nachricht|courriel|mensaje|correo|messaggio|bericht|mensagem|wiadomo|meddel|besked|melding|viesti|posti|zpráv|správ|письм|сообщ|лист|повідом|μήνυμ|e-?posta|mesaj|メール|邮件|郵件|메일))${VAIN}${REASON}`,
);
const WISH = whole(`${VAIN}${REASON}`);
const BESIDE = whole(...COMPANION);
const SCANNER = whole(...SCANNED);
const SUBSCRIPTION = whole(...UNSUBSCRIBE.slice(0, 1), ...UNSUBSCRIBE.slice(3));
const READ_ONLINE = whole(...ONLINE);
const CLICKED = whole(CLICK);

/** Addresses, and brackets around them. */
const ADDRESS = /[<([]?(?:https?:\/\/|www\.|mailto:)[^\s<>]+[>)\]]?/giu;
const EDGES = /^[\s*_()[\].,:;|!?~=#>•·–—-]+|[\s*_()[\].,:;|!?~=#<•·–—-]+$/gu;
const MAX_NOTICE = 1200;
const MAX_SENTENCE = 400;

/**
 * Is this paragraph a notice: nothing but sentences of such programs, at least one of which is about that?
 * @param reply the mail answers one, and a person has written it.
 */
export function isNotice(paragraph: string, reply: boolean): boolean {
  if (paragraph.length > MAX_NOTICE) return false;
  if (NOTICES.some((pattern) => pattern.test(paragraph))) return true;
  if (!reply && NO_ANSWER_NOTICES.some((pattern) => pattern.test(paragraph))) return true;
  const lines = paragraph
    .split('\n')
    .map(sentenceOf)
    .filter((line) => line !== '');
  return [lines, unwrapped(lines)].some((each) => isAllNotice(each.flatMap(sentences), reply));
}

/** Lines that a program broke within a sentence put together: the next goes on in small letters, or behind a small word. */
function unwrapped(lines: readonly string[]): string[] {
  const out: string[] = [];
  for (const line of lines) {
    const last = out.at(-1) ?? '';
    const goesOn = /^[\p{Ll}(]/u.test(line) || / \p{Ll}{1,4}$/u.test(last);
    if (last !== '' && goesOn && !/[.!?:]$/.test(last)) out[out.length - 1] = `${last} ${line}`;
    else out.push(line);
  }
  return out;
}

/** Is this line what a scanner says of the mail? */
export function isScannerLine(line: string): boolean {
  return line.length < 300 && SCANNER.test(sentenceOf(line));
}

/** Is this line where newsletters tell how to read them elsewhere, or to get no more? */
export function isNewsletterLine(line: string): boolean {
  if (line.length > MAX_SENTENCE) return false;
  const parts = sentences(sentenceOf(line));
  return (
    parts.some((part) => READ_ONLINE.test(part) || SUBSCRIPTION.test(part)) &&
    parts.every((part) => [STRONG, WISH, BESIDE].some((pattern) => pattern.test(part)))
  );
}

/** Does this line only say where to click, or is it that address? */
export function isClick(line: string): boolean {
  if (line.length >= MAX_SENTENCE) return false;
  const sentence = sentenceOf(line);
  return sentence === '' ? /https?:/i.test(line) : sentence.length < 80 && CLICKED.test(sentence);
}

function isAllNotice(parts: readonly string[], reply: boolean): boolean {
  if (parts.some((part) => part.length > MAX_SENTENCE)) return false;
  const strong = parts.some(
    (part) => STRONG.test(part) || SCANNER.test(part) || (!reply && NO_REPLY.test(part)),
  );
  return (
    strong && parts.every((part) => [STRONG, SCANNER, WISH, BESIDE].some((pattern) => pattern.test(part)))
  );
}

/** A line or sentence without addresses and without marks around it. */
function sentenceOf(text: string): string {
  return text.replace(ADDRESS, '').replace(EDGES, '').replace(/\s+/g, ' ');
}

function sentences(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|(?<=[。！？])|\s[|·•]\s/u)
    .map(sentenceOf)
    .filter((sentence) => sentence !== '');
}

/** A word that newsletters have, and hardly anything else of so many links. */
export const NEWSLETTER =
  /un-?subscribe|opt[- ]out|mailing list|view (?:this |it )?(?:e-?mail )?(?:in|online)|web version|in your browser|abmelden|abbestell|im browser|webversion|désabonn|désinscri|en ligne|navigateur|darse de baja|suscripción|navegador|disiscri|iscrizione|descadastr|(?:inscrição|subscrição)|uitschrijven|afmelden|webversie|avprenumerera|prenumeration|webbläsare|afmeld|meld deg av|nettleser|peruuta tilaus|selaimessa|wypis|przeglądarce|odhlás|prohlížeči|отписаться|браузере|відписатися|браузері|διαγραφή|aboneli|tarayıcı|配信停止|ブラウザ|退订|取消订阅|浏览器|수신 ?거부|구독 ?(?:취소|해지)|브라우저/i;

/** A word that every one of them has: most texts have none, and are not looked at further. */
export const NOTICE_WORDS =
  /automat|automá|monitored|repl[iy]|respon|antwort|répondre|rispond|antwoord|reager|odpowiada|subscri|receiving this|received this|getting this|receiving (?:these|such)|preferences|settings|often get|\[external|auto-|computer|contest|scann|checked|virus|virenfrei|vír|viru|вирус|вірус|ウイルス|病毒|바이러스|browser|navegador|navigateur|online|ligne|línea|webbläsare|nettleser|selaime|przeglądar|prohlížeč|prehliadač|браузер|tarayıcı|ブラウザ|浏览器|瀏覽器|브라우저|abmeld|abbestell|désabonn|désinscri|baja|suscri|iscri|inscri|uitschrijv|afmeld|prenumer|tilmeld|tilaus|wypis|rezygn|odhl[aá]|отпис|підпис|відпис|εγγραφ|abone|配信|退订|订阅|訂閱|구독|수신|sprawdzon|zkontrolov|провер|перевір|ελέγχ|ιούς|virüs|svara?\b|vastaa|neodpov|отвеча|відповіда|απαντ|yanıt|返信|回复|回覆|회신|답장|can['’]?t (?:read|view|see)|trouble|displayed|angezeigt|affich/i;
