#!/usr/bin/env python3
"""Writes the three shards in data/: run it again and the same bytes come out.

The records are composed from facts that were written for this example, in English and German with a little French. Planted among
them, so that every stage of quickstart.csproj has something to drop: repeated records (some with other white space), answers of one
word, answers that never end, languages that were not asked for, and ratings of all sizes.
"""
import json
import random
from pathlib import Path

DATA = Path(__file__).parent / "data"
dice = random.Random(20260101)

CAPITALS = [
    ("France", "Paris", "the Seine", "the Louvre and the Eiffel Tower"), ("Austria", "Vienna", "the Danube", "its coffee houses and concert halls"),
    ("Portugal", "Lisbon", "the Tagus", "its yellow trams and tiled facades"), ("Hungary", "Budapest", "the Danube", "its thermal baths"),
    ("Poland", "Warsaw", "the Vistula", "the old town that was rebuilt after the war"), ("Egypt", "Cairo", "the Nile", "the pyramids of nearby Giza"),
    ("Japan", "Tokyo", "the Sumida", "its dense railway network"), ("Peru", "Lima", "the Rímac", "its cuisine and its colonial centre"),
    ("Norway", "Oslo", "the Oslofjord", "the opera house whose roof one can walk on"), ("Kenya", "Nairobi", "the Nairobi River", "the national park at the edge of the city"),
    ("Serbia", "Belgrade", "the Sava and the Danube", "the fortress above the meeting of the two rivers"), ("Canada", "Ottawa", "the Ottawa River", "the Rideau Canal"),
]
HAUPTSTAEDTE = [
    ("Frankreich", "Paris", "an der Seine", "für den Louvre und den Eiffelturm"), ("Österreich", "Wien", "an der Donau", "für seine Kaffeehäuser und Konzertsäle"),
    ("Portugal", "Lissabon", "am Tejo", "für die gelben Straßenbahnen"), ("Ungarn", "Budapest", "an der Donau", "für seine Thermalbäder"),
    ("Polen", "Warschau", "an der Weichsel", "für die wiederaufgebaute Altstadt"), ("Tschechien", "Prag", "an der Moldau", "für die Karlsbrücke"),
    ("Norwegen", "Oslo", "am Oslofjord", "für das begehbare Dach der Oper"), ("Dänemark", "Kopenhagen", "am Öresund", "für seine Radwege"),
]
CONVERSIONS = [
    ("miles", "kilometres", 1.609344), ("pounds", "kilograms", 0.45359237), ("inches", "centimetres", 2.54),
    ("litres", "US gallons", 0.264172), ("feet", "metres", 0.3048), ("ounces", "grams", 28.349523),
]
UMRECHNUNGEN = [("Meilen", "Kilometer", 1.609344), ("Zoll", "Zentimeter", 2.54), ("Pfund (lb)", "Kilogramm", 0.45359237), ("Fuß", "Meter", 0.3048)]

COOKING = [
    ("How do I keep pasta from sticking together?", "Use plenty of salted water at a rolling boil and stir during the first two minutes, while the starch on the surface is sticky. Skip the oil in the water: it only makes the sauce slide off later."),
    ("Why does my omelette turn out rubbery?", "It was cooked too long or too hot. Use medium heat, take it off while the centre is still slightly wet, and let the remaining heat finish it on the plate."),
    ("How can I rescue a soup that is too salty?", "Dilute it with unsalted stock or water, then adjust the other seasonings. A squeeze of lemon or a spoon of cream also hides saltiness, but a raw potato does very little."),
    ("What does resting dough do?", "Resting lets the flour take up water and the gluten relax, so the dough rolls out without springing back. Twenty to thirty minutes, covered, is enough for most doughs."),
    ("How do I cook rice without a rice cooker?", "Rinse one cup of rice, add one and a half cups of water and a pinch of salt, bring it to a boil, cover, and turn the heat to low for twelve minutes. Leave the lid on for ten more minutes before fluffing it."),
    ("When should I salt a steak?", "Either just before it goes into the pan or at least forty minutes ahead. In between, the salt has pulled water to the surface and it has not been taken up again, which prevents a good crust."),
    ("What can I use instead of buttermilk?", "Stir one tablespoon of lemon juice or vinegar into a cup of milk and wait five minutes. Plain yoghurt thinned with a little milk works as well."),
    ("How do I tell whether a cake is done?", "Push a wooden skewer into the centre: it should come out clean or with a few dry crumbs. The edges will also have pulled slightly away from the tin."),
    ("Why should onions be cooked slowly for a stew?", "Slow heat softens the cell walls and lets the sugars brown evenly, which gives sweetness and depth. On high heat the outside burns before the inside is soft."),
    ("How long can cooked rice stay in the fridge?", "Cool it within an hour, keep it covered at four degrees or below, and eat it within one to two days. Reheat it once only, until it is steaming throughout."),
]
CODE = [
    ("How do I reverse a string in Python?", "Use a slice with a negative step:\n\n```python\ntext[::-1]\n```\n\nIt returns a new string; the original stays unchanged."),
    ("How do I read a file line by line in Python?", "Iterate over the file object inside a `with` block, so that it is closed in any case:\n\n```python\nwith open(path, encoding=\"utf-8\") as lines:\n    for line in lines:\n        print(line.rstrip())\n```"),
    ("How do I remove duplicates from a list in Python and keep the order?", "Dictionaries keep insertion order, so `list(dict.fromkeys(items))` drops every repetition and keeps the first occurrence. The items must be hashable."),
    ("What is the difference between == and is in Python?", "`==` compares values, `is` compares identity, that is, whether both names refer to the same object. Use `is` only for singletons such as `None`."),
    ("How do I count rows per group in SQL?", "Group by the column and count:\n\n```sql\nSELECT country, COUNT(*) AS customers\nFROM customer\nGROUP BY country\nORDER BY customers DESC;\n```"),
    ("What does LEFT JOIN do in SQL?", "It returns every row of the left table, together with the matching rows of the right one. Where nothing matches, the columns of the right table are NULL."),
    ("How do I find large files in a Linux folder?", "List files above a size and sort them: `find . -type f -size +100M -exec ls -lh {} +`. For a summary by folder, `du -h --max-depth=1 | sort -h` is quicker."),
    ("How do I undo my last git commit but keep the changes?", "Run `git reset --soft HEAD~1`. The commit disappears from the branch, and its changes stay staged, ready to be committed again."),
    ("What does using do in front of a variable in C#?", "A `using` declaration disposes the object at the end of the enclosing scope, also when an exception is thrown:\n\n```csharp\nusing var reader = new StreamReader(path);\n```"),
    ("How do I join strings with a separator in C#?", "Call `string.Join(\", \", items)`. It accepts any sequence and handles the last item without a trailing separator."),
    ("Why is my SQL query slow although there is an index?", "Often a function around the column, a leading wildcard in LIKE or a different data type keeps the index from being used. Look at the query plan first: it names the step that reads too many rows."),
    ("How do I make a shell script stop at the first error?", "Put `set -euo pipefail` at the top. It stops on a failing command, on an unset variable, and on a failure inside a pipe."),
]
SCIENCE = [
    ("Why is the sky blue?", "Sunlight is scattered by the molecules of the air, and short wavelengths are scattered far more strongly than long ones. So blue light reaches us from all directions, while red passes straight through."),
    ("Why does ice float on water?", "Water expands when it freezes because its molecules form an open lattice. Ice is therefore about nine percent less dense than liquid water and floats with a tenth of its volume above the surface."),
    ("What causes the seasons?", "The axis of the Earth is tilted by about 23 degrees. During half of a year the northern half leans towards the Sun and gets more direct light for longer days, and during the other half the southern one does."),
    ("How does a vaccine work?", "It shows the immune system a harmless part or form of a germ. The body builds antibodies and memory cells, so it can react quickly when the real germ appears."),
    ("Why do we see lightning before we hear thunder?", "Light covers a kilometre in a few millionths of a second, sound needs about three seconds. Divide the seconds between both by three to get the distance in kilometres."),
    ("What is the difference between weather and climate?", "Weather is the state of the atmosphere at one place and time. Climate is its statistics over decades, usually thirty years: averages, extremes, and how often they occur."),
    ("Why do leaves change colour in autumn?", "Trees take the green chlorophyll apart to save its nutrients before the leaves fall. The yellow pigments that were there all along become visible, and some trees add red ones."),
    ("How does a fridge get cold?", "A liquid evaporates in the coils inside and takes heat from the air around them. A compressor then squeezes the vapour, which turns liquid outside and gives the heat off to the kitchen."),
]
EVERYDAY = [
    ("How do I write a polite reminder about an unpaid invoice?", "Keep it short and assume an oversight: \"Dear Ms Lindt, our invoice 2041 was due on 3 May and we have not seen a payment yet. Could you let us know when to expect it? The invoice is attached again.\""),
    ("How can I fall asleep more easily?", "Go to bed and get up at the same times, keep the room dark and cool, and put screens away an hour before. If you lie awake for twenty minutes, get up and read until you are tired."),
    ("How should I prepare for a job interview?", "Read the advert again and find one example from your work for each requirement. Prepare two questions of your own, and practise your opening sentence aloud."),
    ("How do I remove a red wine stain?", "Blot it at once with a clean cloth, without rubbing, then cover it with salt or pour on sparkling water. Wash it with a detergent afterwards, and let it air-dry until the stain is gone."),
    ("How often should I water a cactus?", "In summer, water it thoroughly about every two weeks, once the soil is completely dry. In winter once a month or less will do, since wet roots rot quickly."),
    ("How do I start saving money?", "Write down a month of spending, then set up a transfer for the day after pay day, even if it is small. Raise the sum whenever a fixed cost ends."),
]
KOCHEN = [
    ("Wie verhindere ich, dass Milch anbrennt?", "Spülen Sie den Topf vorher mit kaltem Wasser aus, erhitzen Sie die Milch bei mittlerer Hitze und rühren Sie regelmäßig über den Boden. Ein Topf mit dickem Boden hilft zusätzlich."),
    ("Warum wird mein Hefeteig nicht locker?", "Meist war die Flüssigkeit zu heiß oder die Gehzeit zu kurz. Die Milch sollte nur handwarm sein, und der Teig muss an einem warmen Ort sein Volumen verdoppeln."),
    ("Wie koche ich ein weiches Ei?", "Legen Sie das Ei aus dem Kühlschrank in kochendes Wasser und warten Sie sechs Minuten. Danach kurz mit kaltem Wasser abschrecken, damit es nicht weiter gart."),
    ("Womit kann ich Ei im Kuchen ersetzen?", "Eine halbe zerdrückte Banane oder zwei Esslöffel Apfelmus ersetzen ein Ei in Rührkuchen. In herzhaften Teigen bindet ein Esslöffel Leinsamen mit drei Esslöffeln Wasser."),
    ("Wie lagere ich Kräuter möglichst lange?", "Wickeln Sie die Kräuter in ein feuchtes Tuch und legen Sie sie in einer Dose ins Gemüsefach. Basilikum dagegen bleibt besser bei Zimmertemperatur im Wasserglas."),
    ("Wann ist Karamell fertig?", "Wenn der Zucker ganz geschmolzen und bernsteinfarben ist. Nehmen Sie den Topf dann sofort vom Herd, denn er dunkelt durch die Resthitze nach und wird schnell bitter."),
]
ALLTAG = [
    ("Wie schreibe ich eine Kündigung für meinen Handyvertrag?", "Nennen Sie Ihre Kundennummer, die Rufnummer und den Satz: \"Hiermit kündige ich meinen Vertrag fristgerecht zum nächstmöglichen Zeitpunkt.\" Bitten Sie um eine schriftliche Bestätigung mit Datum."),
    ("Was ist der Unterschied zwischen das und dass?", "\"Das\" lässt sich durch \"dieses\" oder \"welches\" ersetzen, \"dass\" nicht. Beispiel: Ich weiß, dass das Buch, das du liest, gut ist."),
    ("Wie entkalke ich einen Wasserkocher?", "Füllen Sie ihn mit einem Teil Essig oder zwei Löffeln Zitronensäure und vier Teilen Wasser. Eine halbe Stunde einwirken lassen, ausgießen und zweimal mit klarem Wasser aufkochen."),
    ("Wie kann ich besser Vokabeln lernen?", "Lernen Sie täglich zehn Minuten statt einmal in der Woche zwei Stunden, und wiederholen Sie in wachsenden Abständen. Bilden Sie mit jedem Wort einen eigenen Satz."),
    ("Warum ist der Himmel abends rot?", "Das Licht der tief stehenden Sonne legt einen langen Weg durch die Luft zurück. Das blaue Licht wird dabei zur Seite gestreut, das rote bleibt übrig."),
    ("Wie funktioniert ein Kompass?", "Die Nadel ist ein kleiner Magnet, der sich frei drehen kann. Er richtet sich nach dem Magnetfeld der Erde aus und zeigt deshalb ungefähr nach Norden."),
    ("Wie lüfte ich im Winter richtig?", "Öffnen Sie drei- bis viermal am Tag für fünf Minuten alle Fenster ganz. Gekippte Fenster kühlen die Wände aus und fördern Schimmel."),
    ("Wie sortiere ich eine Liste in Python?", "`sorted(liste)` gibt eine neue, sortierte Liste zurück, `liste.sort()` sortiert die vorhandene. Mit `key=len` sortieren Sie zum Beispiel nach der Länge."),
]
FRENCH = [
    ("Comment garder le pain frais ?", "Gardez-le dans un sac en tissu, à température ambiante, et évitez le réfrigérateur, qui le fait rassir plus vite."),
    ("Quelle est la capitale de l'Italie ?", "La capitale de l'Italie est Rome, une ville traversée par le Tibre et connue pour le Colisée."),
    ("Comment dit-on merci en allemand ?", "On dit « danke », ou « vielen Dank » pour remercier chaleureusement quelqu'un."),
    ("Pourquoi la mer est-elle salée ?", "Les rivières apportent des sels dissous depuis les roches, et l'eau s'évapore en les laissant dans la mer."),
    ("Comment cuire des pâtes ?", "Faites bouillir un litre d'eau salée pour cent grammes de pâtes, et goûtez une minute avant la fin du temps indiqué."),
    ("Comment choisir un melon ?", "Un bon melon est lourd, sent le sucre et présente une petite craquelure autour du pédoncule."),
    ("Que veut dire « au fur et à mesure » ?", "Cela signifie progressivement, en même temps qu'une autre action avance."),
    ("Comment nettoyer une vitre ?", "Mélangez de l'eau et un peu de vinaigre blanc, puis essuyez avec un chiffon en microfibre sec."),
]
ONE_WORD = [
    ("What is the capital of Spain?", "Madrid.", "en"), ("Is 91 a prime number?", "No.", "en"), ("What is 12 times 12?", "144", "en"), ("Which planet is the largest?", "Jupiter.", "en"),
    ("Do penguins fly?", "No", "en"), ("What is the chemical symbol of gold?", "Au", "en"), ("Wie heißt die Hauptstadt von Italien?", "Rom.", "de"),
    ("Ist ein Wal ein Fisch?", "Nein.", "de"), ("Wie viel ist 7 mal 8?", "56", "de"), ("Translate 'dog' into German.", "Hund", "en"), ("What colour is chlorophyll?", "Green.", "en"),
    ("Which is the longest river in Europe?", "The Volga.", "en"),
]


def number(value):
    """At most two decimals, and none that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def english():
    for country, city, river, fame in CAPITALS:
        yield f"What is the capital of {country}, and what is it known for?", f"The capital of {country} is {city}. It lies on {river} and is known for {fame}."
    for index in range(36):
        unit, other, factor = CONVERSIONS[index % len(CONVERSIONS)]
        amount = dice.choice([3, 5, 8, 12, 15, 20, 26, 40, 75, 120]) + index // len(CONVERSIONS)
        yield (f"Convert {amount} {unit} to {other}.",
               f"One {unit.rstrip('s') if unit != 'feet' and unit != 'inches' else {'feet': 'foot', 'inches': 'inch'}[unit]} is about {number(factor) if factor > 1 else format(factor, '.4f')} {other}, "
               f"so {amount} {unit} are about {number(amount * factor)} {other}.")
    for _ in range(24):
        count, price, paid = dice.randint(3, 9), dice.randint(2, 15), 0
        paid = (count * price // 50 + 1) * 50
        thing = dice.choice(["notebooks", "tickets", "paint brushes", "tulip bulbs", "bus passes", "candles", "mugs"])
        yield (f"I buy {count} {thing} at {price} euros each and pay with {paid} euros. How much change do I get?",
               f"The {thing} cost {count} × {price} = {count * price} euros. From {paid} euros you get {paid} − {count * price} = {paid - count * price} euros back.")
    for _ in range(16):
        speed, hours = dice.choice([45, 60, 72, 80, 95, 110]), dice.choice([1.5, 2, 2.5, 3, 4])
        yield (f"A train travels at {speed} km/h for {number(hours)} hours. How far does it get?",
               f"Distance is speed times time: {speed} km/h × {number(hours)} h = {number(speed * hours)} km. The train covers {number(speed * hours)} kilometres.")
    for amount, percent in [(80, 15), (250, 20), (64, 25), (120, 5), (900, 12), (45, 40), (360, 30), (75, 8)]:
        yield (f"What is {percent} percent of {amount}?",
               f"{percent} percent is {percent}/100. Multiply: {amount} × {percent} / 100 = {number(amount * percent / 100)}.")
    yield from COOKING + CODE + SCIENCE + EVERYDAY


def german():
    for country, city, river, fame in HAUPTSTAEDTE:
        yield f"Wie heißt die Hauptstadt von {country} und wofür ist sie bekannt?", f"Die Hauptstadt von {country} ist {city}. Sie liegt {river} und ist bekannt {fame}."
    for index in range(16):
        unit, other, factor = UMRECHNUNGEN[index % len(UMRECHNUNGEN)]
        amount = dice.choice([2, 5, 10, 18, 25, 60, 100]) + index // len(UMRECHNUNGEN)
        result = number(amount * factor).replace(".", ",")
        yield f"Rechne {amount} {unit} in {other} um.", f"{amount} {unit} sind rund {result} {other}, denn man multipliziert {amount} mit {str(factor).replace('.', ',')}."
    for _ in range(12):
        people, grams = dice.randint(2, 9), dice.choice([80, 100, 125, 150])
        yield (f"Ich koche für {people} Personen und rechne mit {grams} Gramm Nudeln je Person. Wie viel brauche ich?",
               f"Sie brauchen {people} × {grams} = {people * grams} Gramm Nudeln, also {number(people * grams / 1000).replace('.', ',')} Kilogramm.")
    yield from KOCHEN + ALLTAG


def rambling(subject, sentences):
    return " ".join(f"Another thing worth knowing about {subject} is that {sentence}." for sentence in sentences)


OVERLONG = [
    ("Tell me something about tea.", rambling("tea", [
        "green and black tea come from the same plant, which is picked several times a year", "black tea is oxidised before it is dried and green tea is heated first to prevent that",
        "water just off the boil suits black tea while green tea turns bitter above eighty degrees", "it was carried by caravan long before it was carried by ship",
        "the word itself reached Europe by two roads, which is why some languages say chai", "an opened packet loses its aroma within a few months unless it is kept in the dark",
        "the leaves can often be brewed a second time, and with some oolongs a fifth", "milk was added in the first place to protect thin porcelain, or so the story goes",
        "most of it is drunk in the countries where it grows", "a cup holds roughly half the caffeine of a cup of coffee"])),
    ("Explain how to plant a tree.", rambling("planting a tree", [
        "late autumn is the best season because the soil is still warm and the rain does the watering", "the hole should be twice as wide as the roots but no deeper than they are tall",
        "a stake belongs on the windward side and must come before the tree so that it does not cut the roots", "the roots should be soaked for an hour and the damaged ones cut back cleanly",
        "the graft has to stay a hand's breadth above the ground", "the soil goes back in layers and is pressed down gently with the foot",
        "a rim of earth keeps the water where it is needed", "two buckets a week are better than a cup a day during the first summer",
        "mulch keeps the ground moist as long as it does not touch the trunk", "the tie has to be loosened every spring"])),
]


def record(prompt, answer, language):
    return {"prompt": prompt, "answer": answer, "language": language, "quality": round(dice.triangular(1.0, 5.0, 3.8), 1)}


def pool():
    records = [record(*pair, "en") for pair in english()] + [record(*pair, "de") for pair in german()]
    records += [record(*pair, "fr") for pair in FRENCH]
    records += [record(prompt, answer, language) for prompt, answer, language in ONE_WORD]
    records += [record(*pair, "en") for pair in OVERLONG]
    dice.shuffle(records)
    for forgotten in dice.sample(range(len(records)), 4):
        del records[forgotten]["language"]
    return records


def with_duplicates(records, share):
    """Repeats some records further down: as they are, or as copied by hand, with white space at the ends or doubled inside."""
    repeated = dice.sample(records, int(len(records) * share))
    for index, original in enumerate(repeated):
        copy = dict(original)
        if index % 3 == 1:
            copy["answer"] = "  " + copy["answer"] + "\n"
        elif index % 3 == 2:
            copy["prompt"] = copy["prompt"].replace(" ", "  ", 2) + " "
        # A near miss: one more word makes it another record, which an exact comparison has to keep.
        if index % 7 == 6:
            copy["prompt"] = "Please help me: " + copy["prompt"].strip() if copy.get("language") != "de" else "Bitte hilf mir: " + copy["prompt"].strip()
        records.insert(dice.randint(len(records) // 2, len(records)), copy)
    return records


def messages(r):
    turns = [{"role": "user", "content": r["prompt"]}, {"role": "assistant", "content": r["answer"]}]
    if r["prompt"].startswith(("How do I", "Wie ")):
        turns.insert(0, {"role": "system", "content": "You are a patient, precise assistant."})
    return {"messages": turns}


def alpaca(r):
    head, _, tail = r["prompt"].partition(". How ")
    if tail:  # a story and a question: the dialect has a field for each
        return {"instruction": "How " + tail, "input": head + ".", "output": r["answer"]}
    return {"instruction": r["prompt"], "input": "", "output": r["answer"]}


def completion(r):
    return {"prompt": r["prompt"], "completion": r["answer"]}


def write(name, records, dialect):
    with open(DATA / name, "w", encoding="utf-8", newline="\n") as file:
        for index, r in enumerate(records):
            line = {"id": f"{name.split('.')[0]}-{index + 1:03}", **dialect(r), **{k: r[k] for k in ("language", "quality") if k in r}}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def main():
    DATA.mkdir(exist_ok=True)
    records = pool()
    third = len(records) // 3
    write("chat.jsonl", with_duplicates(records[:third], 0.12), messages)
    write("instructions.jsonl", with_duplicates(records[third:2 * third], 0.12), alpaca)
    write("completions.jsonl", with_duplicates(records[2 * third:], 0.12), completion)


if __name__ == "__main__":
    main()
