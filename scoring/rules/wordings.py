"""What one language says in several ways, and words that are spelled in several. Data.

Everything is in lower case and NFC. A pair that only some readers take for one word ("story", "storey") is not here.
"""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _variants(text: str) -> Mapping[str, str]:
    """``"clé clef | ..."``: the words of a group, each but the first with the first."""
    groups = (group.split() for group in text.split("|"))
    return {word: first for first, *others in groups for word in others}


#: Spellings of one word, both right.
VARIANTS: Mapping[str, Mapping[str, str]] = {
    "en": _variants(
        "can_not cannot | color colour | colors colours | colorful colourful | favorite favourite | favor favour "
        "| flavor flavour | neighbor neighbour | neighbors neighbours | neighborhood neighbourhood | honor honour "
        "| humor humour | labor labour | harbor harbour | behavior behaviour | rumor rumour | armor armour | odor "
        "odour | parlor parlour | vapor vapour | vigor vigour | splendor splendour | savior saviour | candor "
        "candour | tumor tumour | endeavor endeavour | center centre | theater theatre | liter litre | fiber "
        "fibre | meager meagre | somber sombre | caliber calibre | kilometer kilometre | centimeter centimetre | "
        "specter spectre | luster lustre | gray grey | mom mum | mommy mummy | plow plough | airplane aeroplane | "
        "pajamas pyjamas | aluminum aluminium | mustache moustache | jewelry jewellery | traveler traveller | "
        "traveling travelling | traveled travelled | canceled cancelled | canceling cancelling | modeling "
        "modelling | labeled labelled | counselor counsellor | skillful skilful | fulfill fulfil | enroll enrol | "
        "enrollment enrolment | installment instalment | willful wilful | woolen woollen | marvelous marvellous | "
        "organize organise | organized organised | organization organisation | realize realise | realized "
        "realised | recognize recognise | recognized recognised | apologize apologise | analyze analyse | "
        "paralyze paralyse | memorize memorise | criticize criticise | emphasize emphasise | summarize summarise "
        "| specialize specialise | civilization civilisation | dialog dialogue | catalog catalogue | analog "
        "analogue | defense defence | offense offence | pretense pretence | ax axe | program programme | "
        "skeptical sceptical | encyclopedia encyclopaedia | pediatric paediatric | anesthetic anaesthetic | "
        "archeology archaeology | orthopedic orthopaedic | maneuver manoeuvre | medieval mediaeval | donut "
        "doughnut | yogurt yoghurt | ketchup catsup | omelet omelette | judgment judgement | acknowledgment "
        "acknowledgement | aging ageing | likable likeable | okay ok | alright all_right | cozy cosy | mold mould "
        "| molt moult | smolder smoulder | tidbit titbit | learned learnt | burned burnt | dreamed dreamt | "
        "spelled spelt | spilled spilt | spoiled spoilt | leaned leant | leaped leapt | toward towards | whiskey "
        "whisky | artifact artefact | barbecue barbeque | hello hallo hullo | television tv | doctor dr | mister "
        "mr | hiccup hiccough"
    ),
    "de": _variants(
        "fotografie photographie | fotograf photograph | fotografin photographin | fotografieren photographieren "
        "| delfin delphin | delfine delphine | mikrofon mikrophon | saxofon saxophon | megafon megaphon | xylofon "
        "xylophon | grafik graphik | grafisch graphisch | geografie geographie | biografie biographie | "
        "orthografie orthographie | choreografie choreographie | fantasie phantasie | fantastisch phantastisch | "
        "potenzial potential | potenziell potentiell | essenziell essentiell | substanziell substantiell | "
        "differenzial differential | portemonnaie portmonee | spagetti spaghetti | ketschup ketchup | jogurt "
        "joghurt | majonäse mayonnaise | panter panther | tunfisch thunfisch | exposee exposé | schiffahrt "
        "schifffahrt | stengel stängel | rauh rau | aufwändig aufwendig | selbständig selbstständig | zuhause "
        "zu_hause | aufgrund auf_grund | anstelle an_stelle | mithilfe mit_hilfe | infrage in_frage | sodass "
        "so_dass | numerieren nummerieren | plazieren platzieren | tip tipp | as ass | telefon telephon | "
        "telegraf telegraph | nougat nugat | gemse gämse | greuel gräuel | überschwenglich überschwänglich | "
        "zeitlang zeit_lang | foto photo | okay ok | existentiell existenziell | friseur frisör | friseurin "
        "frisörin | club klub | coupon kupon | code kode | känguru känguruh"
    ),
    "fr": _variants(
        "clé clef | clés clefs | paraitre paraître | apparaitre apparaître | disparaitre disparaître | connaitre "
        "connaître | reconnaitre reconnaître | naitre naître | maitre maître | maitresse maîtresse | boite boîte "
        "| ile île | aout août | gout goût | gouter goûter | cout coût | couter coûter | bruler brûler | buche "
        "bûche | flute flûte | fraiche fraîche | fraicheur fraîcheur | diner dîner | traitre traître | trainer "
        "traîner | chaine chaîne | chainer chaîner | entrainer entraîner | entrainement entraînement | plait "
        "plaît | voute voûte | croute croûte | mure mûre | piqure piqûre | ognon oignon | ognons oignons | "
        "nénufar nénuphar | évènement événement | règlementaire réglementaire | cèleri céleri | sècheresse "
        "sécheresse | crèmerie crémerie | ambigüe ambiguë | aigüe aiguë | portemonnaie porte-monnaie | weekend "
        "week-end | piquenique pique-nique | millepatte mille-pattes | chauvesouris chauve-souris | assoir "
        "asseoir | imbécilité imbécillité | joailler joaillier | yaourt yogourt yoghourt | cuillère cuiller | "
        "paye paie | saoul soûl soul | tsar tzar | bistrot bistro | lys lis_fleur | relai relais | chariot "
        "charriot | combattif combatif | évènements événements"
    ),
    "es": _variants(
        "psicología sicología | psicólogo sicólogo | septiembre setiembre | video vídeo | futbol fútbol | período "
        "periodo | océano oceano | icono ícono | chofer chófer | oscuro obscuro | oscuridad obscuridad | "
        "sustancia substancia | sustituir substituir | suscribir subscribir | reemplazar remplazar | reescribir "
        "rescribir | sándwich sandwich | yogur yogurt | cárdigan cardigan | whisky güisqui | quizás quizá | "
        "armonía harmonía | bádminton badminton | trasporte transporte | posguerra postguerra | solo sólo | guion "
        "guión | mexicano mejicano | méxico méjico | pijama piyama | cebiche ceviche seviche | zebra cebra | kilo "
        "quilo"
    ),
    "pt": _variants(
        "fato facto | ato acto | ator actor | atriz actriz | ação acção | direção direcção | diretor director | "
        "atual actual | atualmente actualmente | ótimo óptimo | batizar baptizar | projeto projecto | objeto "
        "objecto | correto correcto | direto directo | eletricidade electricidade | elétrico eléctrico | exato "
        "exacto | arquiteto arquitecto | setor sector | aspeto aspecto | receção recepção | contato contacto | "
        "húmido úmido | ideia idéia | voo vôo | enjoo enjôo | linguiça lingüiça | tranquilo tranqüilo | frequente "
        "freqüente | cinquenta cinqüenta | econômico económico | gênero género | bebê bebé | purê puré | tênis "
        "ténis | prêmio prémio | acadêmico académico | quilômetro quilómetro | registro registo | catorze "
        "quatorze | dezesseis dezasseis | dezessete dezassete | dezenove dezanove | caminhão camião | ônibus "
        "ónibus | louça loiça | ouro oiro | dois dous | anti-inflamatório antiinflamatório"
    ),
    "it": _variants(
        "ubbidire obbedire | familiare famigliare | obiettivo obbiettivo | devo debbo | dopodomani dopo_domani | "
        "denaro danaro"
    ),
    "nl": _variants(
        "pannenkoek pannekoek | pannenkoeken pannekoeken | cadeau kado | product produkt | contact kontakt | "
        "actie aktie | direct direkt | kopie copie | elektrisch electrisch | paddenstoel paddestoel | oké ok okay"
    ),
    "sv": _variants("mejl mail | juice jos | okej ok | någon nån"),
    "da": _variants("ressource resurse | mayonnaise majonæse | okay ok | linje linie"),
    "no": _variants("fram frem | syv sju | tyve tjue | tredve tretti | melk mjølk | okei ok"),
    "ro": _variants(
        "sunt sînt | mână mînă | pâine pîine | a_mânca a_mînca | mânca mînca | român romîn | râu rîu | câine "
        "cîine | gât gît | când cînd | cât cît | până pînă | vânt vînt | hârtie hîrtie | tânăr tînăr | bătrân "
        "bătrîn | mâine mîine | săptămână săptămînă | pământ pămînt | niciun nici_un | nicio nici_o"
    ),
    "el": _variants(
        "αυγό αβγό | αφτί αυτί | κτήριο κτίριο | ορθοπεδικός ορθοπαιδικός | τρένο τραίνο | εβδομάδα βδομάδα"
    ),
    "ru": _variants("матрас матрац | ноль нуль | тоннель туннель | калоша галоша | шкаф шкап "),
    "cs": _variants(
        "kurz kurs | filozofie filosofie | gymnázium gymnasium | muzeum museum | prezident president | univerzita "
        "universita | diskuze diskuse | myslet myslit"
    ),
    "pl": _variants("orangutan orangutang | jogging dżoging | dżinsy jeansy | dealer diler"),
    "tr": _variants("ağabey abi"),
    "hi": _variants(
        "गए गये | गई गयी | नई नयी | नए नये | चाहिए चाहिये | आए आये | आई आयी | लिए लिये | रुपए रुपये | हुए हुये | हुई हुयी"
    ),
    "bn": _variants("বাংলা বাঙলা বাঙ্গলা | বাঙালি বাঙালী | বাড়ি বাড়ী | পাখি পাখী | গাড়ি গাড়ী"),
    "ko": _variants(
        "커피숍 커피샵 | 케이크 케익 | 주스 쥬스 | 초콜릿 초콜렛 | 텔레비전 텔레비젼"
        " | 슈퍼마켓 수퍼마켓 | 짜장면 자장면 | 소시지 소세지 | 로봇 로보트"
    ),
    "id": _variants(
        "apotek apotik | jadwal jadual | praktik praktek | izin ijin | napas nafas | atlet atlit | telepon telpon "
        "| risiko resiko | nasihat nasehat"
    ),
    "vi": _variants(
        "bảy bẩy | cám_ơn cảm_ơn | bác_sĩ bác_sỹ | mì mỳ | lý lí | kỹ kĩ | mỹ mĩ | ca_sĩ ca_sỹ | quý quí | gửi gởi"
    ),
    "ar": _variants("مسؤول مسئول | شؤون شئون | إنجليزي إنكليزي | هذا هاذا "),
    "fa": _variants("مسئول مسؤول | اتاق اطاق | تهران طهران | بلیت بلیط | امپراتور امپراطور"),
    "uk": _variants("проєкт проект | траєкторія траекторія"),
    "hr": _variants("ne_ću neću | pogreška pogrješka"),
}

#: Preposition and article in one word, and the two.
CONTRACTIONS: Mapping[str, Mapping[str, str]] = {
    "es": {"al": "a el", "del": "de el"},
    "fr": {
        "au": "à le",
        "aux": "à les",
        "du": "de le",
        "des": "de les",
        **{f"{letter}'": f"{letter}e" for letter in ("c", "j", "d", "n", "s", "m", "t", "qu")},
    },
    "it": {
        "dov'": "dove",
        "com'": "come",
        "cos'": "cosa",
        "c'": "ci",
        "d'": "di",
        "quest'": "questo",
        **{f"{one}l": f"{two} il" for one, two in (("a", "a"), ("da", "da"), ("de", "di"), ("ne", "in"), ("su", "su"))},
        **{
            f"{one}{end}": f"{two} {article}"
            for one, two in (("a", "a"), ("da", "da"), ("de", "di"), ("ne", "in"), ("su", "su"))
            for end, article in (("llo", "lo"), ("lla", "la"), ("i", "i"), ("gli", "gli"), ("lle", "le"))
        },
    },
    "pt": {
        **{f"{one}{end}": f"{two} {end}" for one, two in (("d", "de"), ("n", "em")) for end in ("o", "a", "os", "as")},
        "ao": "a o",
        "aos": "a os",
        "à": "a a",
        "às": "a as",
        "pelo": "por o",
        "pela": "por a",
        "num": "em um",
        "numa": "em uma",
        "dum": "de um",
        "duma": "de uma",
    },
    "ca": {"al": "a el", "als": "a els", "del": "de el", "dels": "de els", "pel": "per el", "pels": "per els"},
    "gl": {"do": "de o", "da": "de a", "no": "en o", "na": "en a", "ao": "a o", "á": "a a"},
    "de": {
        "im": "in dem",
        "ins": "in das",
        "am": "an dem",
        "ans": "an das",
        "zum": "zu dem",
        "zur": "zu der",
        "vom": "von dem",
        "beim": "bei dem",
        "aufs": "auf das",
        "fürs": "für das",
        "ums": "um das",
    },
    "el": {f"σ{article}": f"σε {article}" for article in ("το", "τον", "την", "τη", "τα", "τους", "τις")},
}

#: Subjects that the ending of the verb says as well.
PRONOUNS: Mapping[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "es": "yo tú tu él ella usted nosotros nosotras vosotros vosotras ellos ellas ustedes",
        "pt": "eu tu você ele ela nós vós eles elas vocês",
        "gl": "eu ti el ela nós vós eles elas",
        "it": "io tu lui lei noi voi loro",
        "ca": "jo tu ell ella nosaltres vosaltres ells elles vostè",
        "ro": "eu tu el ea noi voi ei ele",
        "la": "ego tu nos vos",
        "pl": "ja ty on ona ono my wy oni one",
        "cs": "já ty on ona ono my vy oni ony",
        "sk": "ja ty on ona ono my vy oni ony",
        "sl": "jaz ti on ona ono mi vi oni one",
        "hr": "ja ti on ona ono mi vi oni one",
        "sr": "ja ti on ona ono mi vi oni one",
        "bg": "аз ти той тя то ние вие те",
        "mk": "јас ти тој таа тоа ние вие тие",
        "ru": "я ты мы вы",
        "uk": "я ти ми ви",
        "el": "εγώ εσύ αυτός αυτή αυτό εμείς εσείς αυτοί αυτές",
        "fi": "minä sinä me te",
        "hu": "én te ő mi ti ők",
        "tr": "ben sen o biz siz onlar",
        "et": "mina ma sina sa meie me teie te",
        "ar": "أنا أنت أنتِ هو هي نحن هم",
        "he": "אני אתה את אנחנו אתם",
        "fa": "من تو او ما شما آنها",
    }.items()
}

#: Languages whose script has ways of its own to be written loosely.
SCRIPTS: Mapping[str, str] = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "sr", "mn", "kk", "ky"), "Cyrl"),
    "ko": "Hang",
    "el": "Grek",
    "he": "Hebr",
    "ja": "Jpan",
}

#: Definite articles at the end of a word, the longest first.
SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "sv": ("en", "et", "n", "t"),
    "da": ("en", "et"),
    "no": ("en", "et", "a"),
    "is": ("inn", "nn"),
    "ro": ("ul", "l"),
    "bg": ("ът", "ят", "та", "то", "те"),
    "mk": ("от", "та", "то", "те"),
}

#: Languages that part groups of figures with a point, and decimals with a comma.
POINT_GROUPS = _words("de es it pt gl ca nl da id ro hr sr sl tr el is mk bs sq eu vi")

#: Words that only look as if they began with an article: the rest is no word, or another one.
ARABIC_WITH_ARTICLE = _words(
    "اليوم الآن الان الله الذي التي الذين اللذان اللذين اللتان اللاتي اللواتي التقى التقيت التزم التزام "
    "التهاب الم التقط التقاط الكتروني الكترونية الغاء المانيا الماني الماس البوم الف الهام الى الا العاب "
    "الحاح التفت التحق البارحة"
)
HEBREW_WITH_ARTICLE = _words(
    "היום היא הפעם הביתה החוצה הרבה הנה הלוואי הבא הכל הכול המון הערב הלילה האם הלאה הוא היה הייתה הייתי היתה "
    "הגיע הרי היינו הללו היית הסכם הגיעו הולכת היטב הודעה הולכים הפך הבנתי התחיל הגיעה הצעת הזדמנות הצליח "
    "הביא הופך הגנה החליט החלטה היכן הולדת השפעה הוצאת הלכתי הגיוני הודיע הפכה הגעתי היסטוריה הורים הפכו "
    "הגענו הצליחו הרגשתי הביאו הצעה התחלתי הוסיף התנהגות התפתחות הוציא הצעות החלטות החלטתי הבנת הוראות הייתם "
    "המשיך הרגשה התנגדות הופיע החלטת החליטה התחילו הוכחה החליטו הרצל היסטורי הצלחתי הכרה הציע הוצאות התכוונתי "
    "הצטרפו השתמש הוחלט הצליחה היטלר הופעה הכנסה הנהלת הופכת הודות הוצאה היותו השכלה השתנה הודיעה היסטורית "
    "היקף הפסד הופכים הכיר הסכים הומו הופעות המשיכו הסכמה הסתיים הרצליה השתתפו התייחסות הוריו הספיק הרחק "
    "השתמשו הצטרף הסתיימה הפתעה הזדמנויות התקדמות הכירו הכרחי השתתף הגיש הוציאו הליכה הופיעו הצגת השתתפות "
    "התחלנו הודיעו הכנסות השגת הזכיר התערבות הבדלים החלפת הציג השקעות הדדית הסכימו העלאת הרצוג השיג הוכיח "
    "הכנת המלצות הגדרת הגעת הדסה הולם הופעת הסכמי הצגה השיב החזיק הישג הכריז התייחס הוציאה הפקת הרוגים השאיר "
    "הופיעה הכניס השוואה התקבלה הגנת הליך האמנתי המלצה התאבדות הולכות הוראת החלטנו הנחיות הרגו הביע הכנתי "
    "התפשטות הגעתם הלכנו הפגנות הרצאות הוסיפו התמודדות התקיימה הורדת היסטוריים הישגים הכין הסכמים הרצאה "
    "השלכות התרחש הגישו הגעה הנדסה הצביעו הונגריה הציל הצעתי התנהלות התעללות התקשרו הוכחות הולנד היעדר "
    "הלוואות הצלחנו הוסיפה הזדהות הישרדות הניח הסתדרות העבירו העניק הררי התגעגעתי הריון השפעות התאחדות הוגש "
    "הווארד הוספת החזיקו הצביע הרגשת התכוונת הורס הצהרה הצהרת הציעו הוליווד הזמנתי הטלת הפסיד השאירו התיישבות "
    "התנגד הגבלות הסרת התמחות התקיימו הגבלת היבטים היגיון היותה הכניסו הנדסת הניחו הפסקתי הציעה השתנתה הגשת "
    "הומואים הסברים הפוכה הציגו הריסת השפיע הגיונית הדגיש המציא הפסיקו הציגה הפסידה הצלת השתנו הולדתו הזמנת "
    "הצהיר הבחין הולמס הולמת הזמנות הפקות השפעתו התחייבות התנצלות התרגשות השיגו התפרצות התפתחה הוצאתי הימורים "
    "הלוואה הקמתה הורוביץ הרמן הורדוס הסתכל הפסידו הפצת הצגות הביעו הופעתו הזמינו הספיקו התעוררתי הפרדת התקפת "
    "הבטחות הוכיחו הורידו הטבות הסכמתי הפרעת השתלט התייחסו התקשרתי הארכת היסטוריות הסתכלתי הפתעות השיגה "
    "השתמשתי התגברות הוצג הוצגו הותיר המבורגר השגחה התנגדו התעלמות הוכיחה הוריהם הפסדים הצטרפה השפיעו "
    "התנהגותו התעוררה"
)
