"""Words that learners take for each other and that the tables of common words miss, for one of them is rare. Data.

Everything is in lower case and NFC, as :class:`scoring.rules.folding.Folder` writes its keys (ß as ss).
"""

from __future__ import annotations

from collections.abc import Mapping


def _others(text: str) -> Mapping[str, frozenset[str]]:
    """``"machen wachen | kirche kirsche | ..."``: each word of a group with the other ones."""
    found: dict[str, frozenset[str]] = {}
    for group in text.split("|"):
        words = frozenset(group.split())
        for word in words:
            found[word] = found.get(word, frozenset()) | words - {word}
    return found


#: Word -> what it is no slip of, by language.
OTHER_WORDS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "en": _others(
        "stationary stationery | complement compliment | principal principle | council counsel | canvas canvass | "
        "coarse course | discreet discrete | draught drought | dairy diary | elicit illicit | ensure insure | flour "
        "floor | hoarse horse | idle idol | lightening lightning | loath loathe | personal personnel | pedal peddle "
        "| plain plane | pray prey | precede proceed | moral morale | stalk stork | vain vein | waist waste | "
        "wander wonder | rooster roster | sweat sweet | kitchen chicken kitten | moose mouse mousse | collage "
        "college | pillar pillow | bison basin | beetle bottle | casual causal | bath bathe | cloth clothe"
    ),
    "de": _others(
        "machen wachen | kirche kirsche | kirchen kirschen | seite saite | malen mahlen | stiel stil | lerche "
        "lärche | wahl wal | mine miene | lid lied | wagen waagen | bote boote | ehre ähre | rain rein | moor mohr "
        "| uhrzeit urzeit | fliege pflege | kissen küssen | tanne tonne | gabel kabel | nadel nudel | schere "
        "scheren | ziege ziegel | besen beten | schlange schlanke | kuchen knochen | leiter reiter | pfanne pfarrer "
        "| hummel himmel | hammer hummer | spiegel spiel | kelle keller | tomate automate | ratte raten | regal "
        "regel | birne biene"
    ),
    "fr": _others(
        "dessous dessus | boire voire | dessert désert | poisson poison | coussin cousin | cheveu cheveux chevaux | "
        "cuisse cuisine | gâteau château | boisson buisson | foulard foulage | balle ballet | fraise framboise | "
        "raisin raison | chêne chaîne chien | amande amende | censé sensé | coller colère | éruption irruption | "
        "compter conter | ancre encre | panser penser | jeûner déjeuner | poule boule foule | toit doigt | cerise "
        "cerisier"
    ),
    "es": _others(
        "hombre hambre hombro | cocinar cochinar | casar cazar | rebelar revelar | cocer coser | bello vello | tubo "
        "tuvo | hierba hierva | pollo poyo | rallar rayar | hola ola | barón varón | sien cien | bota vota | ciervo "
        "siervo | tasa taza | abrazar abrasar | jamón jabón | cuchara cuchilla | pescado pecado | caballo cabello | "
        "camarero camarera | mantel mental | sobre sombra | manzana mañana | cebolla cabello"
    ),
    "it": _others(
        "sono suono | capello cappello | pala palla | pena penna | casa cassa | sete sette | note notte | tono "
        "tonno | camino cammino | cane carne | polo pollo | rosa rossa | copia coppia | pani panni | sera serra | "
        "caro carro | dita ditta | nono nonno | pesce pesca | spesa sposa"
    ),
    "pt": _others(
        "caro carro | sessenta setenta | cavaleiro cavalheiro | comprimento cumprimento | coro couro | cozer coser "
        "| sela cela | acento assento | conserto concerto | descrição discrição | cadeira carteira | camisa "
        "camiseta | faca vaca"
    ),
    "nl": _others(
        "leiden lijden | zeilen zeulen | wijten weiten | kippen knippen | leren laren | kussen kozen | steel stijl"
    ),
    "sv": _others(
        "glas glass | full ful | tack tak | vägg väg | hatt hat | kött kött | söt sött | byt bytt | kulle kull"
    ),
    "fi": _others(
        "takka taka | tuli tuuli tulli | muta mutta muuta | kuusi kusi kussi | tapaan tapan | kato katto | laki "
        "lakki | kuka kukka | matto mato | sika siika | puro puuro | lumi luumi | keto keitto"
    ),
    "ko": _others("가세요 계세요"),
}
