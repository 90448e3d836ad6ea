"""How other languages, and older maps, call the places of posts: what German, French, Spanish, Italian, Portuguese, Dutch and Scandinavian
books write for them. Spellings that differ by accents only are left out."""

from __future__ import annotations

from typing import Final

EXONYMS: Final = {
    "ALGIERS": "Alger, Algier, Argel, Algeri", "ANKARA": "Angora", "ANTWERP": "Antwerpen, Anvers, Amberes", "ATHENS": "Athen, Athènes, Atenas, Atene, Athene, Aten",
    "BAGHDAD": "Bagdad, Bagdá", "BARCELONA": "Barcelone", "BASEL": "Bâle, Basilea", "BEIJING": "Pekin, Pequim, Pechino",
    "BEIRUT": "Beyrouth, Beirute", "BELGRADE": "Belgrad, Belgrado, Beograd", "BERLIN": "Berlino", "BERN": "Berne, Berna", "BRUSSELS": "Brüssel, Bruxelles, Bruselas, Bruxelas, Bryssel",
    "BUCHAREST": "Bukarest, Bucarest, Bucareste, Bukareszt, Boekarest", "BUDAPEST": "Budapeste, Budapeszt", "CAIRO": "Kairo, Le Caire, El Cairo, Il Cairo", "CAPETOWN": "Kapstadt, Le Cap, Ciudad del Cabo, Kaapstad",
    "COPENHAGEN": "Kopenhagen, København, Koebenhavn, Copenhague, Copenaghen, Köpenhamn, Kopenhaga", "DAMASCUS": "Damaskus, Damas, Damasco", "DUBLIN": "Dublino", "DUSSELDORF": "Duesseldorf",
    "FLORENCE": "Florenz, Firenze, Florencia, Florença", "GENEVA": "Genf, Genève, Ginebra, Ginevra, Genebra", "GENOA": "Genua, Gênes, Genova",
    "GUATEMALA": "Ciudad de Guatemala", "HAMBURG": "Hambourg, Hamburgo, Amburgo", "HAVANA": "Havanna, La Havane, La Habana, L'Avana", "HELSINKI": "Helsingfors", "JERUSALEM": "Jerusalén, Gerusalemme",
    "JAKARTA": "Djakarta", "KABUL": "Kaboul, Cabul", "KATHMANDU": "Katmandu, Katmandou", "KHARTOUM": "Khartum, Jartum", "KYIV": "Kiew", "KRAKOW": "Krakau, Cracovie, Cracow, Cracovia", "KUWAIT": "Koweït",
    "LISBON": "Lissabon, Lisbonne, Lisboa, Lisbona, Lizbona", "LONDON": "Londres, Londra, Londen, Londyn", "LUXEMBOURG": "Luxemburg, Luxemburgo", "MADRID": "Madryt", "MEXICO": "Mexiko-Stadt, Ciudad de México, Mexico-Stadt",
    "MILAN": "Mailand, Milano, Milão", "MOSCOW": "Moskau, Moscou, Moscú, Mosca, Moskou, Moskva, Moskwa, Moscovo", "MUNICH": "München, Muenchen, Monaco di Baviera", "NAPLES": "Neapel, Napoli, Nápoles",
    "NEWDELHI": "Neu-Delhi, Nueva Delhi, Nuova Delhi, Nova Deli, Delhi", "NICOSIA": "Nikosia, Nicosie", "OSLO": "Kristiania", "PALERMO": "Palerme", "PARIS": "Parigi, Parijs, Paryż", "PRAGUE": "Prag, Praga, Praha, Praag",
    "RANGOON": "Rangun", "REYKJAVIK": "Reikiavik, Reykiavik", "RIODEJANEIRO": "Rio", "ROME": "Rom, Roma, Rzym", "SALZBURG": "Salzbourg", "SEOUL": "Seúl, Seoel",
    "SINGAPORE": "Singapur, Singapour", "SOFIA": "Sofija", "STOCKHOLM": "Estocolmo, Stoccolma, Sztokholm", "STRASBOURG": "Straßburg", "STUTTGART": "Stoccarda", "TANGIER": "Tanger", "TASHKENT": "Taschkent, Tachkent",
    "THEHAGUE": "Den Haag, La Haye, La Haya, L'Aia, Haag", "TEHRAN": "Teheran", "TOKYO": "Tokio, Tóquio", "TRIESTE": "Triest", "TRIPOLI": "Tripolis", "TUNIS": "Túnez, Tunisi", "TURIN": "Torino",
    "VALLETTA": "La Valette, La Valeta, Valetta, La Valletta", "VATICAN": "Vatikan, Vaticano", "VIENNA": "Wien, Vienne, Viena, Wenen, Wiedeń", "WARSAW": "Warschau, Varsovie, Varsovia, Varsavia, Warszawa",
    "ZAGREB": "Agram", "ZURICH": "Zuerich, Zurigo", "DUSHANBE": "Duschanbe, Douchanbé", "BISHKEK": "Bischkek, Bichkek", "KOLKATA": "Kalkutta",
    "SANTIAGO": "Santiago de Chile",
}  # fmt: skip
