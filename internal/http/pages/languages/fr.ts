// Français. On vouvoie ; devant « : », « ? » et « ; », l’espace est insécable.

import { type Html, html } from '../html.ts';
import { chooser } from './chooser/fr.ts';
import type { Texts } from './en.ts';
import { producer } from './producer/fr.ts';

export const fr: Texts = {
  lang: 'fr',
  dir: 'ltr',
  words: {
    allow: 'Autoriser',
    deny: 'Refuser',
    cancel: 'Annuler',
    continue: 'Continuer',
    more: 'Autres liens',
    newTab: '(s’ouvre dans un nouvel onglet)',
  },
  asked: {
    youAre: (subject: Html) => html`Vous êtes connecté en tant que ${subject}.`,
    resources: (resources: Html) => html`Cela vaut pour ${resources}.`,
    scopes: (client: Html) => html`${client} demande l’accès aux éléments suivants :`,
    standard: {
      openid: 'Qui vous êtes : votre compte ici',
      profile: 'Votre nom et votre profil',
      email: 'Votre adresse e-mail',
      address: 'Votre adresse postale',
      phone: 'Votre numéro de téléphone',
      groups: 'Les groupes dont vous faites partie',
      offline_access: 'Tout cela aussi en votre absence, jusqu’à ce que cet accès soit retiré',
    },
  },
  links: {
    about: (client: string) => `À propos de ${client}`,
    clientUri: 'Page d’accueil',
    policyUri: 'Politique de confidentialité',
    tosUri: 'Conditions d’utilisation',
  },
  consent: {
    title: (client: string) => `Autoriser ${client} ?`,
    heading: (client: Html) => html`Voulez-vous vous connecter à ${client} ?`,
    host: (host: Html) =>
      html`Votre réponse, et tout ce que vous autorisez, sera transmis à ${host}.`,
  },
  account: {
    title: (client: string) => `Compte pour ${client}`,
    heading: (client: Html) => html`Quel compte pour ${client} ?`,
    wanted: (client: Html, wanted: Html) => html`${client} demande le compte ${wanted}.`,
    choice: (client: Html) => html`${client} vous demande de choisir un compte.`,
    another: (client: Html) => html`${client} demande une autre personne.`,
    continueAs: (subject: Html) => html`Continuer en tant que ${subject}`,
    switch: 'Utiliser un autre compte',
  },
  chooser,
  producer,
  device: {
    title: 'Associer un appareil',
    heading: 'Associer un appareil',
    label: 'Saisissez le code affiché par votre appareil',
    hint: 'En majuscules ou en minuscules, avec ou sans tiret.',
    problems: {
      unknown:
        'Aucun appareil n’attend avec ce code. Vérifiez-le, ou faites-en afficher un nouveau par l’appareil.',
      too_many:
        'Trop de codes ont été essayés. Attendez dix minutes, puis faites afficher un nouveau code par l’appareil.',
    },
    askTitle: (client: string) => `Associer ${client} ?`,
    askHeading: (client: Html) => html`Associer ${client} ?`,
    compare: (subject: Html) =>
      html`Un appareil demande à être connecté en tant que ${subject}. Comparez : affiche-t-il bien ce code ?`,
    warning:
      'N’autorisez que si vous avez l’appareil devant vous et que vous êtes à l’origine de cette demande. Si quelqu’un vous a envoyé ce lien ou ce code, refusez : cette personne serait connectée à votre place.',
    allow: 'Le code est le même : autoriser',
    connected: {
      title: 'Appareil associé',
      heading: 'L’appareil est associé',
      text: 'Vous pouvez retourner à votre appareil et fermer cette page.',
    },
    refused: {
      title: 'Appareil refusé',
      heading: 'L’appareil a été refusé',
      text: 'Il n’a pas été connecté. Vous pouvez fermer cette page.',
    },
  },
  review: {
    title: 'Vos applications',
    heading: 'Vos applications',
    text: 'Ces applications peuvent utiliser votre compte ici. Vous pouvez y mettre fin à tout moment.',
    none: 'Aucune application ne peut utiliser votre compte en ce moment.',
    unknown: 'Cette application n’est plus enregistrée ici.',
    scopes: 'Elle a accès à :',
    host: (hosts: Html) => html`La connexion s’est faite sur ${hosts}.`,
    since: 'Autorisée depuis',
    usedAt: 'Dernière utilisation',
    never: 'pas encore',
    agreed: 'Vous avez donné votre accord ; il ne vous sera plus demandé.',
    signIns: (count: number) => `Où vous êtes connecté : ${count}`,
    places: { this_browser: 'Ce navigateur', browser: 'Un navigateur', device: 'Un appareil' },
    offline: 'également en votre absence',
    others: (count: number) => `… et ${count} de plus`,
    endSignIn: 'Mettre fin à cette connexion',
    endApplication: (client: Html) => html`Se déconnecter de ${client}`,
    forget: (client: Html) => html`${client} doit redemander mon accord`,
    all: 'Se déconnecter de toutes les applications',
    partial:
      'Il y en a plus que cette page ne peut en montrer. « Se déconnecter de toutes les applications » met fin aussi à ce qui n’est pas affiché.',
    after: 'Rouvrir une application peut vous y reconnecter.',
    notice: {
      application: (client: Html) =>
        html`Vous êtes déconnecté de ${client}, et l’accord que vous y aviez donné est oublié.`,
      sign_in: (client: Html) => html`Cette connexion à ${client} est terminée.`,
      everything:
        'Vous êtes déconnecté de toutes les applications, et les accords que vous aviez donnés sont oubliés.',
    },
    everything: {
      title: 'Se déconnecter de toutes les applications ?',
      heading: 'Se déconnecter de toutes les applications ?',
      text: 'Aucune d’elles ne pourra plus utiliser votre compte, et vos accords seront oubliés :',
      end: 'Se déconnecter de toutes',
      keep: 'Ne rien changer',
    },
  },
  signOut: {
    title: 'Se déconnecter ?',
    heading: 'Voulez-vous vous déconnecter ?',
    asks: (client: Html) =>
      html`${client} demande à vous déconnecter, ici et de toutes les applications auxquelles vous avez accédé à partir d’ici.`,
    someone:
      'Une application demande à vous déconnecter, ici et de toutes les applications auxquelles vous avez accédé à partir d’ici.',
    signOut: 'Se déconnecter',
    stay: 'Rester connecté',
    out: {
      title: 'Déconnexion effectuée',
      heading: 'Vous êtes déconnecté',
      text: 'Vous pouvez fermer cette page.',
      shared: 'Si d’autres personnes utilisent cet ordinateur, fermez aussi le navigateur.',
    },
    stayed: {
      title: 'Toujours connecté',
      heading: 'Vous êtes toujours connecté',
      text: 'Rien n’a été modifié. Vous pouvez fermer cette page.',
    },
    telling: {
      title: 'Déconnexion en cours',
      heading: 'Déconnexion en cours',
      text: 'Vos applications en sont informées.',
    },
  },
  back: {
    title: 'Retour à l’application',
    text: 'Votre navigateur n’exécute pas les scripts : appuyez sur le bouton pour continuer.',
  },
  error: {
    title: 'Cela n’a pas fonctionné',
    tell: {
      you: 'Si cela se reproduit, adressez-vous au responsable de ce service de connexion en indiquant cette référence :',
      application:
        'Adressez-vous au responsable de l’application. Cette référence permet d’en savoir plus auprès de ce service de connexion :',
      operator:
        'Adressez-vous au responsable de ce service de connexion en indiquant cette référence :',
    },
    details: 'Détails techniques',
    kinds: {
      over: {
        heading: 'Cette page n’est plus valable',
        happened: 'Elle a expiré, ou une réponse y a déjà été donnée.',
        todo: 'Retournez à l’application et recommencez.',
      },
      somebody_else: {
        heading: 'Une autre personne est connectée',
        happened:
          'Cette page était destinée à une autre personne que celle qui est connectée en ce moment.',
        todo: 'Retournez à l’application et recommencez. Si vous voulez utiliser l’autre compte, connectez-vous avec celui-ci.',
      },
      nobody: {
        heading: 'Vous n’êtes pas connecté',
        happened: 'Le service qui vous connecte n’a pas indiqué qui vous êtes.',
        todo: 'Connectez-vous auprès de ce service, puis retournez à l’application et réessayez.',
      },
      sign_in_again: {
        heading: 'Vous devez vous reconnecter',
        happened: 'Votre connexion est trop ancienne, ou n’a pas eu lieu de la manière exigée ici.',
        todo: 'Déconnectez-vous, reconnectez-vous, puis réessayez.',
      },
      not_allowed: {
        heading: 'Vous n’avez pas accès',
        happened: 'Votre compte ne permet pas d’utiliser cette application.',
        todo: 'Si vous en avez besoin, adressez-vous à la personne qui accorde les accès. Se reconnecter avec le même compte n’y changera rien.',
      },
      unknown_application: {
        heading: 'Application inconnue',
        happened:
          'L’application qui vous a envoyé ici n’est pas connue ; rien ne lui a donc été transmis.',
        todo: 'Vous ne pouvez pas y remédier vous-même : l’application doit d’abord être enregistrée ici.',
      },
      wrong_address: {
        heading: 'Adresse de retour inconnue',
        happened:
          'L’application veut vous renvoyer vers une adresse qui n’est pas enregistrée pour elle. Pour vous protéger, cela n’a pas été fait.',
        todo: 'Vous ne pouvez pas y remédier vous-même. Si vous avez suivi un lien reçu dans un message, fermez cette page.',
      },
      bad_request: {
        heading: 'L’application a commis une erreur',
        happened: 'Ce qu’elle a transmis avec vous est incompréhensible, ou ne lui est pas permis.',
        todo: 'Retournez à l’application et réessayez. En cas de nouvel échec, vous ne pouvez pas y remédier vous-même.',
      },
      other_site: {
        heading: 'Cela venait d’un autre site',
        happened:
          'Un formulaire a été envoyé depuis une page qui n’est pas la nôtre. Rien n’a été modifié.',
        todo: 'Si vous ne vous y attendiez pas, fermez cette page. Sinon, retournez à l’application et recommencez.',
      },
      embedded: {
        heading: 'Cette page doit s’ouvrir seule',
        happened: 'On a tenté de l’ouvrir à l’intérieur d’une autre page.',
        todo: 'Retournez à l’application et recommencez.',
      },
      no_entrance: {
        heading: 'Il n’y a rien à cette adresse',
        happened:
          'Elle est erronée, ou ce n’est qu’une étape qui ne peut pas être ouverte directement.',
        todo: 'Retournez à l’application et recommencez à partir de là.',
      },
      setup: {
        heading: 'Une configuration est incorrecte',
        happened:
          'Ce qui est placé devant ce service transmet des informations auxquelles on ne peut pas se fier ; votre identité n’est donc pas certaine.',
        todo: 'Vous ne pouvez pas y remédier vous-même.',
      },
      busy: {
        heading: 'Ce n’est pas possible pour l’instant',
        happened: 'Un élément nécessaire ne répond pas, ou la charge est trop forte.',
        todo: 'Patientez un instant, puis réessayez.',
      },
      fault: {
        heading: 'Une erreur s’est produite ici',
        happened: 'L’erreur vient de nous, et elle a été consignée.',
        todo: 'Retournez à l’application et réessayez.',
      },
    },
  },
};
