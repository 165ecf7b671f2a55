"""First and last names by where families come from, because a customer list of one culture reads like a test."""

from __future__ import annotations

NAMES: tuple[tuple[str, str], ...] = (
    (
        "Emma Oliver Grace Henry Charlotte Jack Alice Thomas Hannah Samuel Ruth Daniel Claire Edward Naomi Peter Laura"
        " Simon Joanna Walter Audrey Gareth Fiona Martin",
        "Carter Hughes Bennett Fletcher Whitmore Sinclair Dawson Parrish Holloway Mercer Langley Aldridge Thornton Pryce Kendall"
        " Marlowe Ashby Winslow Radcliffe Ellery O'Hara Fitzgerald McAllister Drummond",
    ),
    (
        "Jürgen Annika Lukas Käthe Matthias Sabine Felix Ute Sönke Greta Bram Femke Joost Marieke Till Björn",
        "Müller Schäfer Weiß Brandt Vogel Köhler Lindemann Hoffmann Jäger Bergmann Dijkstra Verhoeven Janssen"
        " Bakker Kröger Zimmermann",
    ),
    (
        "Søren Zoë Astrid Åke Ingrid Jørgen Freja Mats Sigrún Lars Elin Mikkel Aino Veera Håkon Linnéa",
        "Lindqvist Sørensen Håkansson Bergström Nygård Virtanen Ångström Kjær Halvorsen Jónsdóttir Åberg Møller Laine Ekström"
        " Dahl Strand",
    ),
    (
        "Chloé Élodie Rémi Benoît Margaux François Amélie Théo Inès Gaël Solène Luc",
        "Dubois Lefèvre Moreau Girard Bélanger Gagné Rousseau Côté Perrin Fournier Tremblay Lemaître",
    ),
    (
        "José María Lucía Andrés Inés Raúl Sofía Joaquín Beatriz Tomás Núria Álvaro João Conceição Thiago Xiomara",
        "García Muñoz Fernández Ibáñez Castellanos Peña Quintero Salcedo Gonçalves Araújo Figueiredo Núñez"
        " Valdés Oliveira Cordero"
        " Magalhães",
    ),
    (
        "Giulia Matteo Chiara Lorenzo Niccolò Francesca Elia Bianca",
        "Rossi Esposito De Luca Ferrante Marchetti Bellini Lombardi Conti",
    ),
    (
        "Łukasz Małgorzata Zofia Paweł Tomáš Jiří Kateřina Milica Željko Ivana Oksana Dmytro Agnieszka Vojtěch",
        "Wójcik Kowalczyk Zieliński Nowak Dvořák Svoboda Novotná Petrović Kovačević Horvat Shevchenko"
        " Bondarenko Jabłoński Krejčí",
    ),
    (
        "Priya Arjun Ananya Rohan Kavya Vikram Meera Imran Farah Nikhil Sana Dev",
        "Patel Iyer Chaudhary Raghunathan Banerjee Kapoor Deshmukh Siddiqui Fernando Menon Gill Rahman",
    ),
    (
        "Yuki Haruto Mei Wei Jiaying Minjun Seo-yeon Linh Quang Kenji Aiko Xinyi",
        "Nakamura Tanaka Chen Huang Kim Park Nguyễn Phạm Sato Lin Zhao Choi",
    ),
    (
        "Adaeze Chinedu Kwame Abena Tendai Amara Babajide Zainab Thandiwe Kofi Ngozi Sipho",
        "Okafor Adeyemi Mensah Boateng Moyo Diallo Nkosi Okonkwo Traoré Dlamini Abara Owusu",
    ),
    (
        "Elif Mehmet Ayşe Çağla Leila Omar Yasmin Karim Noor Tarik Shirin Samir",
        "Yılmaz Öztürk Şahin Haddad Mansour Farouk Rahimi Nassar Aydın Khoury Demir Benali",
    ),
)
NAME_WEIGHTS: tuple[float, ...] = (0.26, 0.10, 0.10, 0.07, 0.11, 0.05, 0.09, 0.07, 0.06, 0.05, 0.04)

JOB_TITLES: tuple[str, ...] = (
    "Head of Operations",
    "Purchasing Manager",
    "IT Manager",
    "Facilities Manager",
    "Warehouse Lead",
    "Office Manager",
    "Finance Director",
    "Managing Director",
    "Operations Coordinator",
    "Asset Manager",
    "Head of Purchasing",
    "IT Support Lead",
    "Quality Manager",
    "Stock Controller",
    "Project Manager",
    "Site Manager",
    "Chief Operating Officer",
    "Workplace Manager",
    "Lab Manager",
    "Logistics Planner",
)
STREETS: tuple[str, ...] = (
    "Harbour Street",
    "Mill Lane",
    "Station Road",
    "Linden Avenue",
    "Canal Street",
    "Foundry Row",
    "Park Avenue",
    "Orchard Road",
    "Market Street",
    "Quarry Lane",
    "Cedar Street",
    "Lakeview Drive",
    "Union Street",
    "Chapel Road",
    "Elm Street",
    "Dock Road",
)
PERSON_MAIL_HOSTS: tuple[str, ...] = ("postbox.example", "inkwell-mail.example", "studio-mail.example", "homeport.example")
