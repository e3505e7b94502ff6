import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Marionette } from './marionette.ts';
import { freePort } from './postfix.ts';

/** A Thunderbird without a screen, with a profile of its own: the mails of a mailbox file, and a server to send by. */
export class Thunderbird {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #port: number;
  #connected: Marionette | undefined;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.#port = port;
  }

  static async start(options: {
    /** Mails as they came, oldest first. */
    readonly mails: readonly string[];
    readonly user: { readonly name: string; readonly address: string };
    readonly smtpPort: number;
  }): Promise<Thunderbird> {
    const folder = mkdtempSync(join(tmpdir(), 'mailsms-thunderbird-'));
    const mailbox = join(folder, 'Mail/mailbox');
    mkdirSync(mailbox, { recursive: true });
    writeFileSync(join(mailbox, 'Inbox'), mboxOf(options.mails));
    const port = await freePort();
    writeFileSync(join(folder, 'user.js'), preferences(options.user, options.smtpPort, port));
    const args = ['--headless', '--marionette', '--remote-allow-system-access', '--no-remote'];
    const child = spawn('thunderbird', [...args, '--profile', folder], {
      env: { ...process.env, HOME: folder },
      stdio: 'ignore',
      // A process group of its own, so that all of it can be ended.
      detached: true,
    });
    const thunderbird = new Thunderbird(child, folder, port);
    try {
      await thunderbird.#open(options.mails.length);
      return thunderbird;
    } catch (error) {
      await thunderbird.stop();
      throw error;
    }
  }

  /** Shows the mail with this Message-ID in the open folder, its thread unfolded above it; the window as PNG. */
  async show(messageId: string): Promise<Buffer> {
    await this.#marionette.script(
      `${PANE}
      const view = pane.gDBView;
      const row = [...Array(view.rowCount).keys()].find((each) => view.getMsgHdrAt(each).messageId === args[0]);
      if (row === undefined) throw new Error('no mail ' + args[0]);
      pane.threadTree.selectedIndex = row;
      pane.threadTree.scrollToIndex(row, true);
      const shown = () => pane.messageBrowser.contentWindow;
      await settled(() => shown()?.gMessage?.messageId === args[0] && shown().msgLoaded);
      // Once more around, so that what was loaded is drawn.
      await new Promise((frame) => window.requestAnimationFrame(() => window.requestAnimationFrame(frame)));
      `,
      bare(messageId),
    );
    return this.#marionette.screenshot();
  }

  /** Answers the mail with this Message-ID, as with a click on "Reply". */
  async reply(messageId: string, text: string): Promise<void> {
    await this.show(messageId);
    await this.#marionette.script(
      `${PANE}
      const uri = pane.gDBView.hdrForFirstSelectedMessage;
      window.ComposeMessage(Ci.nsIMsgCompType.ReplyToSender, Ci.nsIMsgCompFormat.PlainText, uri.folder, [uri.folder.getUriForMsg(uri)]);
      const compose = () => Services.wm.getMostRecentWindow('msgcompose');
      await settled(() => compose()?.composeEditorReady === true && compose().document.getElementById('msgSubject').value !== '');
      compose().GetCurrentEditor().insertText(args[0]);
      compose().goDoCommand('cmd_sendNow');
      await settled(() => compose() === null || compose().closed);
      `,
      text,
    );
  }

  async stop(): Promise<void> {
    this.#connected?.close();
    const { pid } = this.#child;
    if (pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      process.kill(-pid, 'SIGKILL');
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #marionette(): Marionette {
    if (this.#connected === undefined) throw new Error('Thunderbird has not been reached');
    return this.#connected;
  }

  async #open(count: number): Promise<void> {
    this.#connected = await Marionette.connect(this.#port);
    await this.#marionette.command('WebDriver:SetWindowRect', { width: 960, height: 960 });
    await this.#marionette.script(
      `${PANE}
      const inbox = MailServices.accounts.defaultAccount.incomingServer.rootFolder.getChildNamed('Inbox');
      pane.displayFolder(inbox.URI);
      await settled(() => pane.gViewWrapper && inbox.getTotalMessages(false) === args[0]);
      pane.gViewWrapper.showThreaded = true;
      pane.gDBView.doCommand(Ci.nsMsgViewCommandType.expandAll);
      await settled(() => pane.gDBView.rowCount === args[0]);
      window.document.getElementById('status-bar').hidden = true;
      pane.paneLayout.folderPaneVisible = false;
      pane.document.getElementById('messagePaneSplitter').height = 470;
      `,
      count,
    );
  }
}

const PANE = `
const settled = async (check) => {
  for (let tries = 0; tries < 500; tries++) {
    if (check()) return;
    await new Promise((tick) => window.setTimeout(tick, 20));
  }
  throw new Error('never came: ' + check);
};
const window = Services.wm.getMostRecentWindow('mail:3pane');
const pane = window.document.getElementById('tabmail').currentAbout3Pane;
`;

function bare(messageId: string): string {
  return messageId.replace(/^<|>$/g, '');
}

/** RFC 4155, as Thunderbird reads it. */
function mboxOf(mails: readonly string[]): string {
  return mails
    .map(
      (raw) =>
        `From - Mon Nov 23 12:00:00 2026\n${raw.replaceAll('\r\n', '\n').replace(/^(?=>*From )/gm, '>')}\n`,
    )
    .join('');
}

function preferences(user: { name: string; address: string }, smtpPort: number, port: number): string {
  const values: Record<string, string | number | boolean> = {
    'marionette.port': port,
    'mail.accountmanager.accounts': 'account1,account2',
    'mail.accountmanager.defaultaccount': 'account1',
    'mail.accountmanager.localfoldersserver': 'server2',
    'mail.account.account1.server': 'server1',
    'mail.account.account1.identities': 'id1',
    'mail.account.account2.server': 'server2',
    'mail.server.server1.type': 'pop3',
    'mail.server.server1.hostname': '127.0.0.1',
    'mail.server.server1.userName': user.name,
    'mail.server.server1.name': user.address,
    'mail.server.server1.directory-rel': '[ProfD]Mail/mailbox',
    'mail.server.server1.check_new_mail': false,
    'mail.server.server1.login_at_startup': false,
    'mail.server.server2.type': 'none',
    'mail.server.server2.hostname': 'Local Folders',
    'mail.server.server2.name': 'Local Folders',
    'mail.server.server2.userName': 'nobody',
    'mail.identity.id1.valid': true,
    'mail.identity.id1.fullName': user.name,
    'mail.identity.id1.useremail': user.address,
    'mail.identity.id1.smtpServer': 'smtp1',
    'mail.identity.id1.fcc': false,
    'mail.identity.id1.compose_html': false,
    'mail.identity.id1.reply_on_top': 1,
    'mail.smtpservers': 'smtp1',
    'mail.smtp.defaultserver': 'smtp1',
    'mail.smtpserver.smtp1.hostname': '127.0.0.1',
    'mail.smtpserver.smtp1.port': smtpPort,
    'mail.smtpserver.smtp1.authMethod': 1,
    'mail.smtpserver.smtp1.try_ssl': 0,
    // The list above the mail, as a table.
    'mail.pane_config.dynamic': 0,
    'mail.threadpane.listview': 1,
    // Nothing that asks, greets or looks for news.
    'mail.provider.suppress_dialog_on_startup': true,
    'mail.shell.checkDefaultClient': false,
    'mail.spotlight.firstRunDone': true,
    'mailnews.start_page.enabled': false,
    'mailnews.start_page_override.mstone': 'ignore',
    'mail.rights.version': 1,
    'app.update.enabled': false,
    'app.donation.eoy.version.viewed': 999,
    'datareporting.policy.dataSubmissionEnabled': false,
    'datareporting.policy.dataSubmissionPolicyBypassNotification': true,
    'toolkit.telemetry.enabled': false,
    'network.proxy.type': 0,
  };
  return Object.entries(values)
    .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
    .join('');
}
