// Deutsch. Wer hier liest, wird gesiezt.

import { type Html, html } from '../html.ts';
import { chooser } from './chooser/de.ts';
import type { Texts } from './en.ts';
import { producer } from './producer/de.ts';

export const de: Texts = {
  lang: 'de',
  dir: 'ltr',
  words: {
    allow: 'Zulassen',
    deny: 'Ablehnen',
    cancel: 'Abbrechen',
    continue: 'Weiter',
    more: 'Weitere Links',
    newTab: '(wird in einem neuen Tab geöffnet)',
  },
  asked: {
    youAre: (subject: Html) => html`Sie sind angemeldet als ${subject}.`,
    resources: (resources: Html) => html`Das gilt für ${resources}.`,
    scopes: (client: Html) => html`${client} bittet um Zugriff auf Folgendes:`,
    standard: {
      openid: 'Wer Sie sind: Ihr hiesiges Konto',
      profile: 'Ihr Name und Ihr Profil',
      email: 'Ihre E-Mail-Adresse',
      address: 'Ihre Postanschrift',
      phone: 'Ihre Telefonnummer',
      groups: 'Die Gruppen, zu denen Sie gehören',
      offline_access:
        'All das auch dann, wenn Sie gerade nicht da sind – bis dieser Zugriff widerrufen wird',
    },
  },
  links: {
    about: (client: string) => `Über ${client}`,
    clientUri: 'Startseite',
    policyUri: 'Datenschutzerklärung',
    tosUri: 'Nutzungsbedingungen',
  },
  consent: {
    title: (client: string) => `${client} zulassen?`,
    heading: (client: Html) => html`Möchten Sie sich bei ${client} anmelden?`,
    host: (host: Html) => html`Ihre Antwort und alles, was Sie zulassen, geht an ${host}.`,
  },
  account: {
    title: (client: string) => `Konto für ${client}`,
    heading: (client: Html) => html`Welches Konto für ${client}?`,
    wanted: (client: Html, wanted: Html) => html`${client} fragt nach ${wanted}.`,
    choice: (client: Html) => html`${client} bittet Sie, ein Konto auszuwählen.`,
    another: (client: Html) => html`${client} fragt nach einer anderen Person.`,
    continueAs: (subject: Html) => html`Weiter als ${subject}`,
    switch: 'Anderes Konto verwenden',
  },
  chooser,
  producer,
  device: {
    title: 'Gerät verbinden',
    heading: 'Ein Gerät verbinden',
    label: 'Geben Sie den Code ein, den Ihr Gerät anzeigt',
    hint: 'Groß- oder Kleinbuchstaben, mit oder ohne Bindestrich.',
    problems: {
      unknown:
        'Kein Gerät wartet mit diesem Code. Prüfen Sie den Code, oder lassen Sie das Gerät einen neuen anzeigen.',
      too_many:
        'Es wurden zu viele Codes ausprobiert. Warten Sie zehn Minuten, und lassen Sie das Gerät dann einen neuen anzeigen.',
    },
    askTitle: (client: string) => `${client} verbinden?`,
    askHeading: (client: Html) => html`${client} verbinden?`,
    compare: (subject: Html) =>
      html`Ein Gerät möchte als ${subject} angemeldet werden. Vergleichen Sie: Zeigt es diesen Code an?`,
    warning:
      'Lassen Sie das nur zu, wenn Sie das Gerät vor sich haben und die Anmeldung selbst begonnen haben. Hat Ihnen jemand diesen Link oder diesen Code geschickt, dann lehnen Sie ab: Die andere Person wäre sonst mit Ihrem Konto angemeldet.',
    allow: 'Der Code stimmt überein: zulassen',
    connected: {
      title: 'Gerät verbunden',
      heading: 'Das Gerät ist verbunden',
      text: 'Sie können zu Ihrem Gerät zurückkehren und diese Seite schließen.',
    },
    refused: {
      title: 'Gerät abgelehnt',
      heading: 'Das Gerät wurde abgelehnt',
      text: 'Es wurde nicht angemeldet. Sie können diese Seite schließen.',
    },
  },
  review: {
    title: 'Ihre Anwendungen',
    heading: 'Ihre Anwendungen',
    text: 'Diese Anwendungen dürfen Ihr Konto hier nutzen. Sie können das jederzeit beenden.',
    none: 'Zurzeit darf keine Anwendung Ihr Konto nutzen.',
    unknown: 'Diese Anwendung ist hier nicht mehr eingetragen.',
    scopes: 'Sie hat Zugriff auf:',
    host: (hosts: Html) => html`Die Anmeldung führte zu ${hosts}.`,
    since: 'Erlaubt seit',
    usedAt: 'Zuletzt genutzt',
    never: 'noch nicht',
    agreed: 'Sie haben zugestimmt und werden nicht noch einmal gefragt.',
    signIns: (count: number) => `Wo Sie angemeldet sind: ${count}`,
    places: { this_browser: 'Dieser Browser', browser: 'Ein Browser', device: 'Ein Gerät' },
    offline: 'auch während Sie nicht da sind',
    others: (count: number) => `… und ${count} weitere`,
    endSignIn: 'Dort abmelden',
    endApplication: (client: Html) => html`Von ${client} abmelden`,
    forget: (client: Html) => html`${client} soll wieder fragen`,
    all: 'Von allen Anwendungen abmelden',
    partial:
      'Es gibt mehr, als auf diese Seite passt. „Von allen Anwendungen abmelden“ beendet auch, was hier nicht steht.',
    after: 'Wenn Sie eine Anwendung wieder öffnen, können Sie dort wieder angemeldet werden.',
    notice: {
      application: (client: Html) =>
        html`Sie sind von ${client} abgemeldet. Was Sie dort erlaubt hatten, ist vergessen.`,
      sign_in: (client: Html) => html`Sie sind dort von ${client} abgemeldet.`,
      everything:
        'Sie sind von allen Anwendungen abgemeldet. Was Sie erlaubt hatten, ist vergessen.',
    },
    everything: {
      title: 'Von allen Anwendungen abmelden?',
      heading: 'Von allen Anwendungen abmelden?',
      text: 'Keine von diesen darf dann noch Ihr Konto nutzen. Was Sie erlaubt hatten, wird vergessen:',
      end: 'Von allen abmelden',
      keep: 'Nichts ändern',
    },
  },
  signOut: {
    title: 'Abmelden?',
    heading: 'Möchten Sie sich abmelden?',
    asks: (client: Html) =>
      html`${client} bittet darum, Sie abzumelden – hier und bei allen Anwendungen, bei denen Sie sich von hier aus angemeldet haben.`,
    someone:
      'Eine Anwendung bittet darum, Sie abzumelden – hier und bei allen Anwendungen, bei denen Sie sich von hier aus angemeldet haben.',
    signOut: 'Abmelden',
    stay: 'Angemeldet bleiben',
    out: {
      title: 'Abgemeldet',
      heading: 'Sie sind abgemeldet',
      text: 'Sie können diese Seite schließen.',
      shared: 'Falls auch andere diesen Computer benutzen, schließen Sie bitte den ganzen Browser.',
    },
    stayed: {
      title: 'Weiterhin angemeldet',
      heading: 'Sie sind weiterhin angemeldet',
      text: 'Es wurde nichts geändert. Sie können diese Seite schließen.',
    },
    telling: {
      title: 'Abmeldung läuft',
      heading: 'Sie werden abgemeldet',
      text: 'Ihre Anwendungen werden benachrichtigt.',
    },
  },
  back: {
    title: 'Zurück zur Anwendung',
    text: 'Ihr Browser führt keine Skripte aus: Mit der Schaltfläche geht es weiter.',
  },
  error: {
    title: 'Das hat nicht geklappt',
    tell: {
      you: 'Falls das wieder geschieht, wenden Sie sich an den Betreiber dieses Anmeldedienstes und nennen Sie diese Kennung:',
      application:
        'Wenden Sie sich an den Betreiber der Anwendung. Unter dieser Kennung findet sich bei diesem Anmeldedienst mehr dazu:',
      operator:
        'Wenden Sie sich an den Betreiber dieses Anmeldedienstes und nennen Sie diese Kennung:',
    },
    details: 'Technische Einzelheiten',
    kinds: {
      over: {
        heading: 'Diese Seite gilt nicht mehr',
        happened: 'Sie ist abgelaufen oder wurde bereits beantwortet.',
        todo: 'Gehen Sie zurück zur Anwendung und beginnen Sie dort von vorn.',
      },
      somebody_else: {
        heading: 'Es ist jemand anders angemeldet',
        happened:
          'Diese Seite war für eine andere Person bestimmt als die, die gerade angemeldet ist.',
        todo: 'Gehen Sie zurück zur Anwendung und beginnen Sie dort von vorn. Wenn Sie das andere Konto verwenden möchten, melden Sie sich damit an.',
      },
      nobody: {
        heading: 'Sie sind nicht angemeldet',
        happened: 'Der Dienst, bei dem Sie sich anmelden, hat nicht mitgeteilt, wer Sie sind.',
        todo: 'Melden Sie sich dort an, gehen Sie dann zurück zur Anwendung und versuchen Sie es noch einmal.',
      },
      sign_in_again: {
        heading: 'Sie müssen sich erneut anmelden',
        happened:
          'Ihre Anmeldung liegt zu lange zurück oder geschah nicht auf die Weise, die hier verlangt wird.',
        todo: 'Melden Sie sich ab und wieder an, und versuchen Sie es dann noch einmal.',
      },
      not_allowed: {
        heading: 'Sie haben keinen Zugang',
        happened: 'Mit Ihrem Konto dürfen Sie diese Anwendung nicht benutzen.',
        todo: 'Wenn Sie sie brauchen, wenden Sie sich an die Stelle, die Zugänge vergibt. Eine erneute Anmeldung mit demselben Konto hilft nicht.',
      },
      unknown_application: {
        heading: 'Unbekannte Anwendung',
        happened:
          'Die Anwendung, die Sie hierher geschickt hat, ist hier nicht bekannt. Ihr wurde deshalb nichts mitgeteilt.',
        todo: 'Sie selbst können das nicht beheben: Die Anwendung muss hier erst eingetragen werden.',
      },
      wrong_address: {
        heading: 'Unbekannte Rücksprungadresse',
        happened:
          'Die Anwendung will Sie an eine Adresse schicken lassen, die für sie nicht eingetragen ist. Zu Ihrem Schutz ist das nicht geschehen.',
        todo: 'Sie selbst können das nicht beheben. Wenn Sie einem Link aus einer Nachricht gefolgt sind, schließen Sie diese Seite.',
      },
      bad_request: {
        heading: 'Die Anwendung hat einen Fehler gemacht',
        happened: 'Was sie mit Ihnen geschickt hat, ist nicht zu verstehen oder ihr nicht erlaubt.',
        todo: 'Gehen Sie zurück zur Anwendung und versuchen Sie es noch einmal. Wenn es wieder misslingt, können Sie es nicht selbst beheben.',
      },
      other_site: {
        heading: 'Das kam von einer anderen Website',
        happened:
          'Ein Formular wurde von einer Seite abgeschickt, die nicht zu uns gehört. Es wurde nichts geändert.',
        todo: 'Wenn Sie das nicht erwartet haben, schließen Sie diese Seite. Andernfalls gehen Sie zurück zur Anwendung und beginnen Sie von vorn.',
      },
      embedded: {
        heading: 'Das muss eine eigene Seite sein',
        happened: 'Etwas hat versucht, sie innerhalb einer anderen Seite zu öffnen.',
        todo: 'Gehen Sie zurück zur Anwendung und beginnen Sie dort von vorn.',
      },
      no_entrance: {
        heading: 'Unter dieser Adresse ist nichts',
        happened:
          'Sie ist falsch, oder sie ist nur ein Zwischenschritt, der sich nicht für sich allein öffnen lässt.',
        todo: 'Gehen Sie zurück zur Anwendung und beginnen Sie dort.',
      },
      setup: {
        heading: 'Hier ist etwas falsch eingerichtet',
        happened:
          'Was diesem Dienst vorgeschaltet ist, gibt etwas weiter, worauf kein Verlass ist. Deshalb steht nicht fest, wer Sie sind.',
        todo: 'Sie selbst können das nicht beheben.',
      },
      busy: {
        heading: 'Das geht im Moment nicht',
        happened:
          'Etwas, das dafür gebraucht wird, antwortet nicht, oder es ist gerade zu viel zu tun.',
        todo: 'Warten Sie einen Augenblick, und versuchen Sie es dann noch einmal.',
      },
      fault: {
        heading: 'Hier ist etwas schiefgegangen',
        happened: 'Der Fehler liegt bei uns und wurde aufgezeichnet.',
        todo: 'Gehen Sie zurück zur Anwendung und versuchen Sie es noch einmal.',
      },
    },
  },
};
