#!/usr/bin/env python3
"""Makes the knowledge of what is sensitive: the *.json beside this file.

    config/sensitivity/make.py LISTS

LISTS is a folder with the lists that the rows are from. They are not kept here; codes and names of
drugs are facts, and each row says where it is from. Where the lists are got:

  codes-opioid-cds.json  https://github.com/cqframework/opioid-cds-r4 (commit b29bdcb), input/vocabulary/valueset
  codes-shift.json       https://github.com/SHIFT-Task-Force/SLS-ValueSets (commit ede5208), input/fsh
  codes-opensafely.json  https://github.com/opensafely (post-covid-mentalhealth, lockdown-and-vulnerable-groups,
                         antibody-and-antiviral-deployment), codelists/
  codes-ohdsi.json       https://github.com/OHDSI/PhenotypeLibrary (commit 40106e4), inst/cohorts
  loinc-orders.json      https://github.com/Healthedata1/USCDI5-Sandbox (commit 0cbc5aa), input/data
  rxnorm-names.tsv.gz    RxNorm Current Prescribable Content, https://www.nlm.nih.gov/research/umls/rxnorm/
  places.json            https://hl7.org/fhir/R4/ (C80 document types, practice settings, service types), NUCC
  icd.json, medications.json, words.json, procedures.json   our own: ranges, ingredients, words, numbers;
                         own_words.txt beside this file has more words, with their company
  own_syndromes.txt      made by --syndromes of phenotype.hpoa, https://hpo.jax.org (names by Orphanet, CC-BY-4.0,
                         and OMIM), release 2025-01-16

  own_right.txt        made by --right of Debian's lists in /usr/share/dict (wamerican, wngerman, wspanish,
                         wfrench, wdutch): what is right as it is, and no misspelling of a word looked for

--measure prints how well words and medicines alone find the names that the lists hold, codes not looked
at, for the half that own_words.txt was made by looking at and for the other; and of the codes of each list, how
many are found bare, by the rows that are made of everything but that list. --without LIST makes the rows as
if a list were not there, and -o puts them elsewhere.
"""

import argparse
import collections
import gzip
import hashlib
import json
import pathlib
import re
import sys
import unicodedata

VERSION = '2026-11-27'
SYSTEMS = {
    'sct': 'http://snomed.info/sct',
    'loinc': 'http://loinc.org',
    'rxnorm': 'http://www.nlm.nih.gov/research/umls/rxnorm',
    'cpt': 'http://www.ama-assn.org/go/cpt',
    'hcpcs': 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
    'icd-10-cm': 'http://hl7.org/fhir/sid/icd-10-cm',
    'icd-10-pcs': 'http://www.cms.gov/Medicare/Coding/ICD10',
    'ops': 'http://fhir.de/CodeSystem/bfarm/ops',
    'atc': 'http://www.whocc.no/atc',
}
LEVELS = ['possible', 'likely', 'certain']

# --- topics: what a consent may speak of within a category; the first that fits ---------------------

SEX_TOPICS = [
    # Who lost a child decided nothing.
    ('pregnancy', r'miscarr|(spontan|missed|threaten|inevitabl|habitual|recurrent|incomplete|imminen)\w* abort|fehlgeb|'
                  r'miskraam|fausse couche|recurrent pregnancy loss|abort\w* (espontan|diferid|spontan|imminen)'),
    ('abortion', r'abort|terminat|mifepriston|mifeprex|misoprost|interrup|\bivg\b|\bvtp\b|\btop\b|abtreib|'
                 r'schwangerschaftsabb|feticid|evacuation of (retained|products)|'
                 r'vacuum aspir|dilat(at)?ion and|menstrual regul|unwanted pregnan|korlym|zwangerschapsafbr'),
    ('gender', r'gender|trans(sex|masc|fem)|trans (man|woman)|cross sex|puberty block|vaginoplast|phalloplast|'
               r'metoidio|sex reassign|geschlechtsident|geslacht|\bhrt\b|genero'),
    ('orientation', r'orientation|homosex|bisex|lesb|\bgay\b|lgbt|\bmsm\b|preference|orientacion|ausrichtung|'
                    r'geaardheid'),
    ('contraception', r'contracep|\biud\b|\blarc\b|\bocp\b|intrauterin|anticoncep|verhut|steril|vasectom|tubal lig|'
                      r'birth control|empfang|condom|family plan|morning after|levonorg|gestrel|estradiol (comb|brand)|'
                      r'ethinyl|drospir|gestodene|norgest|etonogest|norethi|medroxy|depo|copper|nonoxynol|ulipristal|'
                      r'mestranol|etynod|nomegest|estetrol|segest|dienog|desogest|spirale|pille|pilule|planificac|'
                      r'planification|desogestrel|pessar'),
    ('fertility', r'fertil|\bivf\b|\bicsi\b|insemin|embryo|ovulat|oocyt|sperm|semen|egg retr|surrog|concepti|conceive|'
                  r'clomi|follitr|menotrop|choriogon|ganirel|cetrorel|\bpgt\b|mulleri|hysterosalp|anovul|'
                  r'polycystic ov'),
    ('function', r'erect|impoten|libido|dyspareun|vaginism|ejacul|anorgas|sexual (dys|func|prob)|sildenaf|tadalaf|'
                 r'vardenaf|avanaf|alprost|flibans|bremelan|potenz|erekt'),
    ('pregnancy', r'pregnan|gravid|gestat|natal|obstet|partum|partur|birth|deliver|fet(al|us)|foet|placent|'
                  r'eclamp|cesar|'
                  r'caesar|labou?r|midwi|schwanger|geburt|entbind|wochenb|embaraz|gestant|parto|grossesse|enceinte|'
                  r'accouch|zwanger|bevall|verlosk|amnio|\blmp\b|g2p1|rho|doxylam|oxytoc|ectopic|molar|hydatid|hcg'),
]
SUD_TOPICS = [
    ('tobacco', r'tobacc|smok|nicotin|cigar|varenic|cytis|rauch|tabac|tabaq|roken'),
    ('alcohol', r'alco|alko|etoh|ethanol|\baudit|\bcage\b|disulf|acampros|ciwa|korsak|wernick|delirium trem|drink'),
    ('opioid', r'opioi|opiat|heroin|methadon|bupren|naltrex|nalox|fentan|oxycod|morphin|codein|\bcows\b'),
]
# Of ICD-10 and its modifications, by what a code begins with; the longest counts.
ICD_TOPICS = {
    'SEX': {'O04': 'abortion', 'O05': 'abortion', 'O06': 'abortion', 'O07': 'abortion',
            'Z332': 'abortion', 'Z640': 'abortion', 'Z302': 'contraception', 'Z30': 'contraception',
            'Z975': 'contraception', 'Z9851': 'contraception', 'Z9852': 'contraception', 'T833': 'contraception',
            'T384': 'contraception', 'Z31': 'fertility', 'N46': 'fertility', 'N97': 'fertility', 'N98': 'fertility',
            'R86': 'fertility', 'F64': 'gender', 'Z87890': 'gender', 'F66': 'orientation', 'Z70': 'orientation',
            'F65': 'function', 'F52': 'function', 'N52': 'function', 'N53': 'function', 'N484': 'function',
            'R6882': 'function', 'N941': 'function', 'O': 'pregnancy', 'Z3': 'pregnancy', 'N96': 'pregnancy'},
    'SUD': {'F17': 'tobacco', 'Z720': 'tobacco', 'Z87891': 'tobacco', 'Z716': 'tobacco', 'O9933': 'tobacco',
            'T652': 'tobacco', 'F10': 'alcohol', 'K70': 'alcohol', 'F11': 'opioid'},
}
PROCEDURE_TOPICS = {  # of CPT and HCPCS rows, by the number that a range begins with
    'SEX': [('abortion', r'5984|5985|59866|5981|S226|S019'),
            ('contraception', r'5830|119|5525|5545|586|S49[89]|A426|J72|J73|J10|S4993'),
            ('fertility', r'583[23]|589|89|S40|S01[23]|J07'), ('gender', r'559[78]'),
            ('function', r'544|542'), ('pregnancy', r'59|768|810|847|S|J')],
}


def topic_of(label, text):
    for topic, pattern in {'SEX': SEX_TOPICS, 'SUD': SUD_TOPICS}.get(label, []):
        if re.search(pattern, text):
            return topic
    return ''


def icd_topic(label, first):
    rows = ICD_TOPICS.get(label, {})
    for length in range(len(first), 0, -1):
        if first[:length] in rows:
            return rows[first[:length]]
    return ''


# --- words: the same rules as adapter/knowledge/sensitive_words.cpp, written to be read ---------------

def fold(text):
    plain = unicodedata.normalize('NFKD', text)
    plain = ''.join(letter for letter in plain if not unicodedata.combining(letter))
    return plain.casefold().replace("'s ", ' ').replace('\u2019s ', ' ')


def tokens_of(text):
    return re.findall(r'[^\W_]+', fold(text))


def is_token(pattern, token):
    if pattern == 'yyyy':
        return re.fullmatch(r'(19|20)\d\d', token)
    if pattern == 'nnn':
        return token.isdigit()
    if pattern.startswith('*'):
        return token.endswith(pattern[1:])
    if pattern.endswith('*'):
        return token.startswith(pattern[:-1])
    return pattern == token


def places_of(phrase, tokens):
    for at in range(len(tokens) - len(phrase) + 1):
        if all(is_token(pattern, token) for pattern, token in zip(phrase, tokens[at:])):
            yield at, at + len(phrase)


class Exact:
    """A token that must stand in the text just so, capitals and all."""
    def __init__(self, token):
        self.token = token


class Words:
    def __init__(self, rows, cancels):
        self.rows = [(row, listed(row.get('near', row.get('with'))), listed(row.get('not')),
                      listed(row.get('otherwise'))) for row in rows]
        self.exact, self.begins = collections.defaultdict(list), collections.defaultdict(list)
        self.ends = []
        for number, row in enumerate(rows):
            for phrase in listed(row.get('words')):
                self.add(number, phrase)
            for token in filter(None, row.get('exact', '').split('; ')):
                self.exact[split(token)[0]].append((number, Exact(token)))
        for phrase in cancels:
            self.add(None, split(phrase))

    def add(self, number, phrase):
        if phrase[0].startswith('*'):
            self.ends.append((number, phrase))
        elif phrase[0].endswith('*'):
            self.begins[phrase[0][:2]].append((number, phrase))
        else:
            self.exact[phrase[0]].append((number, phrase))

    def signs(self, text):
        """{(label, topic): level} of a name."""
        return {key: level for key, (level, _) in self.found(text).items()}

    def found(self, text):
        """{(label, topic): (level, row)} of a name: the row says most of that, and what it may be there for besides."""
        tokens = tokens_of(text)
        hits, void = [], []
        for at, token in enumerate(tokens):
            for number, phrase in self.exact[token] + self.begins[token[:2]] + self.ends:
                if isinstance(phrase, Exact):
                    if re.search(r'(?<![^\W_])' + re.escape(phrase.token) + r'(?![^\W_])', text):
                        hits.append((number, at, at + 1))
                    continue
                end = at + len(phrase)
                if end <= len(tokens) and all(is_token(p, t) for p, t in zip(phrase, tokens[at:])):
                    (void if number is None else hits).append((number, at, end))
        found = {}
        for number, at, end in hits:
            row, required, forbidden, otherwise = self.rows[number]
            if any(start <= at and end <= stop and stop - start > end - at for _, start, stop in void):
                continue
            if required and not stands(required, tokens) or stands(forbidden, tokens):
                continue
            key = row['label'], row.get('topic', '')
            level = 0 if stands(otherwise, tokens) else LEVELS.index(row['level'])
            if key not in found or (level, 'otherwise' not in row) > (found[key][0], 'otherwise' not in found[key][1]):
                found[key] = level, row
        return found


def stands(phrases, tokens):
    return any(any(places_of(phrase, tokens)) for phrase in phrases)


def listed(text):
    return [split(phrase) for phrase in text.split('; ')] if text else []


def split(phrase):
    """Patterns of tokens: fold() leaves the stars alone."""
    return re.findall(r'\*?[^\W_]+\*?', fold(phrase.replace('*', '\u0001')).replace('\u0001', '*'))


# --- rows -------------------------------------------------------------------------------------------

OWN = 'own list'
OTHERWISE = OWN + '; brands also of RxNorm 2025-10 (NLM); other reasons after the labels (FDA, EMA), from knowledge of them'
OTHER_VIRUSES = ('hepatitis; hcv; hbv; cytomegalovirus; cmv; bk; epstein; ebv; varicella; covid*; sars; '
                 'adenovirus; parvovirus')
# Of the certain words of GDIS, those that a tumour has too.
TUMOUR_WORDS = {'gene mutation*', 'gene variant*', 'karyotyp*', 'chromosom*', 'aneuploid*', 'exome', 'genome sequenc*',
                'whole genome', 'pathogenic variant*', 'genetic analysis', 'genetic test*', 'trisomy*',
                'genetic*', 'genetisch*', 'genetique*'}
# A hormone in the blood, a drug of anaesthesia: less than our own list says.
WEAKER = {('SEX', 'testosterone'): 'possible', ('SEX', 'estradiol'): 'possible', ('SUD', 'barbiturates'): 'possible',
          ('SEX', 'sexual'): 'likely', ('SUD', 'ethanol'): 'likely', ('MH', 'worry'): 'possible', ('MH',
          'fear'): 'possible',
          ('MH', 'afraid'): 'possible', ('MH', 'worried'): 'possible', ('MH', 'worrying'): 'possible',
          ('GDIS', 'hla typing'): 'possible', ('GDIS', 'congenital'): 'possible', ('MH', 'anxious'): 'likely'}
# Opioid, benzodiazepine and naltrexone words have two homes; drugs that need company.
MEDICINE_COMPANY = {  # name: (with, not)
    'buprenorphine': ('', 'patch; transdermal; buccal; butrans; belbuca; norspan; transtec; temgesic; buprenex'),
    'methadone': ('', 'normethadone'),
    'naltrexone': ('', 'bupropion; contrave; mysimba'),
    'bupropion': ('', 'naltrexone; contrave; mysimba; zyban'),
    'ritonavir': ('', 'nirmatrelvir; paxlovid; ombitasvir; paritaprevir; dasabuvir; viekira; technivie'),
    'sildenafil': ('', '20 mg; revatio; pulmonary'),
    'tadalafil': ('', 'adcirca; alyq; pulmonary; 20 mg pulmonary; prostat*'),
    'lithium': ('', 'ion; battery; grease'),
    'amisulpride': ('', 'barhemsys; nausea'),
    'mifepristone': ('', 'korlym; cushing'),
    'alprostadil': ('', 'prostin; neonat*'),
    'dapsone': ('pcp; pjp; pneumocystis; prophylaxis', ''),
    'atovaquone': ('pcp; pjp; pneumocystis; prophylaxis', 'proguanil; malarone'),
    'factor VIII': ('', 'activity; antigen; inhibitor; assay'), 'factor IX': ('', 'activity; antigen; inhibitor; '
                                    'assay'),
    'testosterone': ('', 'serum; plasma; mass; moles; prostat*; free; castrat*; deprivation'),
    'estradiol': ('', 'serum; plasma; mass; moles; receptor*; ethinyl'),
    'follitropin': ('', 'serum; plasma; lutropin'), 'choriogonadotropin': ('', 'tumor; tumour'),
    'valproate': ('', 'mass; moles'), 'carbamazepine': ('', 'mass; moles'), 'lamotrigine': ('', 'mass; moles'),
}
CANCER = ('cancer*; carcinom*; karzinom*; neoplas*; tumor*; tumour*; tumeur*; metast*; malign*; sarcom*; sarkom*; '
          'lymphom*; leukem*; leukaem*; leucem*; myelom*; mielom*; melanom*; gliom*; glioblastom*; krebs*; kanker*; '
          'oncolog*; onkolog*; chemotherap*; chimiotherap*; quimioterap*')
PAIN = ('pain; pains; painful; analges*; palliat*; neuropath*; neuralg*; schmerz*; dolor; dolores; douleur*; '
        'antalgique*; pijn*; fibromyalg*; sciatica; ischias*')
HEPATITIS_B = 'hepatitis b; hep b; hepatite b; hbv; vhb; hbsag; chb; epivir hbv; zeffix'
NAUSEA = ('nausea; vomiting; emesis; antiemet*; ubelkeit; erbrechen; nausee*; vomissement*; vomito*; misselijk*; '
          'braken; hiccup*; singultus; palliat*; delir*')
HORMONES = 'endometri*; adenomyos*; bleeding; menorrhag*; metrorrhag*; blutung*; menopaus*; prostat*; acne; hirsut*'
C_D, G89 = 'C00-C97 D00-D48', 'G89 R52 M545 M797'
# What medicines that betray a matter are given for besides, after their labels (FDA, EMA), their strengths then, and
# what oncologists and palliative physicians give them for; by words, and by ICD-10. Beside such a reason, in the
# name, in the same sentence, or as that of the record, the medicine is no more than possible.
OTHER_REASONS = [
    ('SUD', 'methadone; levomethadone; buprenorphine; morphine slow-release oral for dependence',
     PAIN + '; ' + CANCER, C_D + ' ' + G89),
    ('SUD', 'diamorphine', PAIN + '; ' + CANCER + '; dyspn*', C_D + ' ' + G89),
    ('SUD', 'naloxone', PAIN + '; ' + CANCER + '; constipat*; obstipation; verstopfung; estrenimiento; reversal; '
     'respiratory depression; atemdepression; anaesth*; anesth*; narkose; postoperat*', C_D + ' ' + G89 + ' K59'),
    ('SUD', 'naltrexone', PAIN + '; ' + CANCER + '; low dose; ldn; 1 5 mg; 3 mg; 4 5 mg; obes*; overweight; '
     'adipos*; crohn*; prurit*; itch*; juckreiz; cholesta*; hailey; multiple sclerosis', C_D + ' ' + G89 + ' E66 K50 L29'),
    ('SUD', 'disulfiram', CANCER + '; nickel*; lyme*; borrelio*', C_D),
    ('SUD', 'clomethiazole', 'sleep*; insomni*; schlaf*; slaap*; agitation; unruhe; restless*', 'G47'),
    ('HIV', 'lamivudine', HEPATITIS_B + '; 100 mg', 'B16 B180-B181 B191 Z2251'),
    ('HIV', 'tenofovir disoproxil', HEPATITIS_B, 'B16 B180-B181 B191 Z2251'),
    ('HIV', 'ritonavir', 'covid*; sars; coronavirus; hepatitis c; hcv', 'U07 B182'),
    ('SEX', 'misoprostol', CANCER + '; ulcer*; ulkus*; ulcus*; gastr*; stomach; magen*; maag*; estomago; estomac; '
     'nsaid*; nsar*; diclofenac; arthrotec; arthrit*; arthros*; rheuma*; postpartum; haemorrhag*; hemorrhag*; labor; '
     'labour; ripening; hysteroscop*; miscarriage*; missed abortion; pregnancy loss; fehlgeburt*; fausse couche',
     C_D + ' K20-K31 M05-M19 O61 O72 O02-O03'),
    ('SEX', 'mifepristone', CANCER + '; cushing*; hypercortisol*; fibroid*; myom*; leiomyom*; meningiom*; '
     'miscarriage*; missed abortion; pregnancy loss; fehlgeburt*; fausse couche', C_D + ' E24 O02-O03'),
    ('SEX', 'cyproterone; medroxyprogesterone; norethisterone; norethindrone; dienogest; progesterone vaginal; '
     'cabergoline', CANCER + '; ' + HORMONES + '; prolactin*; acromegal*; akromegal*; parkinson*; pituitar*; hypophys*',
     C_D + ' N80 N92-N95 E221 E220 G20'),
    ('SEX', 'sildenafil; tadalafil', 'pulmonary*; pulmonal*; raynaud*; prostat*; bph', 'I27 N40 I73'),
    ('MH', 'duloxetine; milnacipran; venlafaxine; clomipramine; imipramine; desipramine', PAIN + '; ' + CANCER +
     '; migrain*; migran*; hot flush*; hot flash*; vasomotor; hitzewallung*; incontinen*; enures*', C_D + ' ' + G89 +
     ' G43 G62-G63 N951 N393'),
    ('MH', 'mirtazapine', CANCER + '; appetit*; cachex*; kachex*; prurit*; nausea', C_D + ' R63-R64 L29 R11'),
    ('MH', 'haloperidol; chlorpromazine; levomepromazine; olanzapine; quetiapine', CANCER + '; ' + NAUSEA,
     C_D + ' R11 R066'),
    ('MH', 'bupropion', 'smok*; tobacco; nicotin*; rauch*; tabac*; tabaq*; roken; obes*; weight', 'F17 E66'),
    ('MH', 'methylphenidate; dexmethylphenidate', CANCER + '; narcolep*; narkolep*; fatigue', C_D + ' G474'),
    ('MH', 'valbenazine; deutetrabenazine', 'chorea; huntington*; dyskines*', 'G10 G24'),
    ('STD', 'imiquimod', CANCER + '; keratos*; basal cell; basaliom*', C_D + ' L57'),
    ('STD', 'penicillin G benzathine', 'rheumat*; streptococ*; scharlach; erysipel*', 'I00-I09 A46'),
]
# ATC has a code of its own for these, which says no more than the name.
ATC_OF = {'N07BC01': 'buprenorphine', 'N07BC02': 'methadone', 'N07BC05': 'levomethadone', 'N07BC06': 'diamorphine',
          'N07BB01': 'disulfiram', 'N07BB04': 'naltrexone', 'J05AF05': 'lamivudine', 'J05AF07': 'tenofovir disoproxil',
          'J05AE03': 'ritonavir', 'G03XB01': 'mifepristone', 'N05AH03': 'olanzapine', 'N06AA02': 'imipramine',
          'N06AA01': 'desipramine', 'N06AA04': 'clomipramine', 'N06AX11': 'mirtazapine', 'N06AX12': 'bupropion',
          'N06AX16': 'venlafaxine', 'N06AX17': 'milnacipran', 'N06AX21': 'duloxetine', 'N05AD01': 'haloperidol',
          'N05AA01': 'chlorpromazine', 'N05AA02': 'levomepromazine', 'N05AH04': 'quetiapine',
          'V03AB15': 'naloxone', 'N06BA04': 'methylphenidate', 'G04BE03': 'sildenafil', 'G04BE08': 'tadalafil'}


def other_reasons_of(label, name):
    """What a row of the medicine says of its other reasons, and who says so."""
    for of, names, words, codes in OTHER_REASONS:
        if of == label and name in names.split('; '):
            return {'otherwise': words, 'otherwiseIcd': codes}
    return {}


# Brands of several ingredients, or of one form: for one reason alone.
ONE_REASON = {'Cimduo', 'Temixys', 'Vivitrol', 'Diaphin', 'Substitol', 'Zyban', 'Sublocade', 'Viagra', 'Revatio', 'Auvelity',
              'Caverject', 'Angusta', 'Topogyne', 'Lybalvi', 'Relprevv', 'Diane'}
# Rows of our medicines whose name is no name: what stands there instead.
MEDICINE_NAMES = {
    'methadone': 'methadone; methadon; metadona; metadone; polamidon*', 'disulfiram': 'disulfiram; antabuse; antabus',
    'levomethadone': 'levomethadone; levomethadon', 'mifepristone': 'mifepristone; mifepriston; mifepristona; mifegyne; mifeprex', 'naltrexone': 'naltrexone; naltrexon', 'levacetylmethadol': 'levacetylmethadol; levomethadyl',
    'buprenorphine sublingual / depot / implant': '', 'sodium oxybate for alcohol': '',
    'morphine slow-release oral for dependence': '', 'thiamine high dose': '',
    'medical cannabis': 'medical cannabis; medicinal cannabis',
    'buprenorphine patch / buccal / injection': 'buprenorphine', 'selegiline transdermal': 'selegiline transdermal',
    'guanfacine extended release': 'guanfacine 24 hr; guanfacine extended release', 'clonidine extended release': '',
    'sulfamethoxazole / trimethoprim prophylaxis': '', 'ceftriaxone 500 MG intramuscular': 'ceftriaxone 500 mg',
    'levonorgestrel emergency': '', 'ethinyl estradiol combinations': 'ethinyl estradiol; ethinylestradiol',
    'norethindrone contraceptive': 'norethindrone 0.35 mg', 'levonorgestrel intrauterine': '',
    'copper intrauterine device': 'copper iud',
    'letrozole for ovulation': '', 'progesterone vaginal': 'progesterone vaginal',
    'prenatal vitamins': 'prenatal vitamin*',
    'methotrexate for ectopic': '', 'factor VIII': 'factor viii', 'factor IX': 'factor ix',
    'ethinylestradiol brands UK': '',
    'L-glutamine': '', 'azithromycin': 'azithromycin', 'noscapine': '', 'metronidazole': '', 'opium': 'opium',
    'esketamine': 'esketamine',
}
# Brands that are of one row by name and of another by use: only what is sensitive of them.
NOT_BRANDS = {'Bactrim', 'Septra', 'Mepron', 'Femara', 'Hydrea', 'Korlym', 'Pabrinex', 'Endari', 'Xyrem'}


def row(label, level, topic='', **rest):
    out = {'label': label, 'level': level}
    if topic:
        out['topic'] = topic
    out.update(rest)
    return out


def grouped(items):
    """(label, level, topic) → things, in order."""
    groups = collections.defaultdict(list)
    for label, level, topic, thing in items:
        groups[label, level, topic].append(thing)
    return sorted(groups.items())


def read(folder, name):
    return json.loads((folder / name).read_text())


def own_words(folder):
    """The blocks of own_words.txt: a head (label, level, topic, company) and its words."""
    blocks = []
    for line in (folder / 'own_words.txt').read_text().splitlines():
        if line.startswith('    '):
            blocks[-1][1].append(line.strip())
        elif line and not line.startswith('#'):
            blocks.append((line, []))
    return [(head, ' '.join(lines).split('; ')) for head, lines in blocks]


# Whoever has one of these, most often has no such disability, or must be treated for what it is.
NO_SYNDROMES = {
    'autoimmune hemolytic anemia autoimmune thrombocytopenia primary immunodeficiency syndrome', 'bartter syndrome',
    'bone marrow failure syndrome', 'cowden syndrome', 'cyclic vomiting syndrome', 'ehlers danlos syndrome',
    'dihydropyrimidine dehydrogenase deficiency', 'infantile liver failure syndrome', 'leukocyte adhesion deficiency',
    'leukotriene c4 synthase deficiency', 'loeys dietz syndrome', 'mhc class ii deficiency', 'nephrotic syndrome',
    'omphalocele syndrome', 'pituitary hormone deficiency', 'rothmund thomson syndrome',
    'shwachman diamond syndrome', 'specific granule deficiency', 'stickler syndrome', 'usher syndrome',
    'vascular ehlers danlos syndrome', 'waardenburg syndrome'}
SYNDROME_ENDS = {'syndrome', 'cdg', 'aciduria', 'embryopathy', 'embryofetopathy', 'sequence'}
# Intellectual disability of any degree, global developmental delay of any degree; obligate to frequent.
DISABILITY = {'HP:0001249', 'HP:0001256', 'HP:0002342', 'HP:0010864', 'HP:0002187', 'HP:0001263', 'HP:0011342',
              'HP:0011343', 'HP:0011344'}
FREQUENT = {'HP:0040280', 'HP:0040281', 'HP:0040282'}


def is_frequent(database, frequency):
    if '/' in frequency:
        have, of = map(int, frequency.split('/'))
        return of >= 3 and have / of >= 0.3
    return frequency in FREQUENT or database != 'ORPHA' and not frequency


def syndromes(annotations, words):
    """Names of diseases that most often come with an intellectual disability and do not say so."""
    found = set()
    for line in annotations.read_text().splitlines():
        if line.startswith('#'):
            continue
        disease, name, negated, term, _, _, _, frequency = line.split('\t')[:8]
        database = disease.split(':')[0]
        if term not in DISABILITY or negated == 'NOT' or not is_frequent(database, frequency):
            continue
        if any(label == 'COGN' for label, _ in words.signs(name)):
            continue
        tokens = tokens_of(re.sub(r' due to .*|,.*| type \S+$|\(.*$', '', name))
        while tokens and re.fullmatch(r'\d+[a-z]?|[ivx]+|type', tokens[-1]):
            tokens.pop()
        phrase = ' '.join(tokens)
        is_own_name = 2 <= len(tokens) <= 8 and (len(tokens) > 2 or len(tokens[0]) > 3)
        if is_own_name and phrase not in NO_SYNDROMES and (
                tokens[-1] in SYNDROME_ENDS or tokens[-1] == 'deficiency' and len(tokens) > 2):
            found.add(phrase)
    return sorted(found)


# --- misspellings: the same rules as adapter/knowledge/misspellings.cpp --------------------------------

LONG = 9  # letters of a word that may be misspelt


def lacking_one(word):
    return {word[:at] + word[at + 1:] for at in range(1, len(word))}


def is_one_apart(word, other):
    """A letter more, less, another, or two that changed places; never the first one."""
    if word[0] != other[0] or abs(len(word) - len(other)) > 1:
        return False
    if len(word) == len(other):
        apart = [at for at in range(len(word)) if word[at] != other[at]]
        return len(apart) == 1 or len(apart) == 2 and apart[1] == apart[0] + 1 and (
            word[apart[0]], word[apart[1]]) == (other[apart[1]], other[apart[0]])
    short, long = sorted((word, other), key=len)
    return short in lacking_one(long)


def right_words(dictionaries, lists, rows):
    """Words that are right and one letter from a long word that is looked for, but for its own inflections."""
    tokens = {token for one in rows for phrase in listed(one.get('words')) for token in phrase}
    tokens = {one for one in tokens if re.fullmatch(r'[a-z]{%d,}\*?' % LONG, one)}
    whole, begins = {one for one in tokens if one[-1] != '*'}, {one[:-1] for one in tokens if one[-1] == '*'}
    near = {True: collections.defaultdict(set), False: collections.defaultdict(set)}
    for is_whole, some in ((True, whole), (False, begins)):
        for one in some:
            for key in lacking_one(one) | {one}:
                near[is_whole][key].add(one)
    known = {word for one in dictionaries for word in one.read_text(errors='replace').split()}
    with gzip.open(lists / 'rxnorm-names.tsv.gz', 'rt') as lines:
        for line in lines:
            known.update(line.split('\t')[-1].split())
    right = set()
    for word in {token for one in known for token in tokens_of(one) if re.fullmatch(r'[a-z]{%d,}' % (LONG - 1), token)}:
        if word in whole:
            continue
        heads = [(True, word)] + [(False, word[:length]) for length in range(LONG - 1, len(word) + 1)]
        meant = {one for is_whole, head in heads for key in lacking_one(head) | {head}
                 for one in near[is_whole].get(key, ()) if is_one_apart(head, one)}
        if any(one[:-1] != word and one != word[:-1] for one in meant):
            right.add(word)
    return sorted(right)


def company_of(head, somatic):
    """"SUD likely alcohol with a; b not c" as its words, and what must or may not stand with it."""
    head = head.replace('@somatic', somatic)
    plain, _, forbidden = head.partition(' not ')
    plain, _, near = plain.partition(' near ')
    plain, _, required = plain.partition(' with ')
    return plain.split(), {name: text for name, text in (('with', required), ('near', near), ('not', forbidden))
                           if text}


# What is no sign by itself: see adapter/knowledge/sensitive_words.h.
UNLABELLED = ('parts', 'denies', 'beside', 'kin')


def word_rows(lists):
    words = read(lists, 'words.json')
    somatic = '; '.join(words['somatic']['tokens'] + ['marrow', 'clone', 'clonal', 'myelo*'])
    # A drug's own row knows its company.
    left_out = {one['name'] for one in read(lists, 'medications.json')['medicines']} | {'buprenorphine'}
    dropped, cancels, apart, unlabelled = set(), [one for one in words['cancel'] if one != 'hysteria'], [], []
    items = []
    for head, phrases in own_words(pathlib.Path(__file__).parent):
        (kind, *rest), company = company_of(head, somatic)
        if kind == 'cancel':
            cancels += phrases
        elif kind == 'names':  # "Dr. Gay"
            names = head.removeprefix('names ').split('; ')
            cancels += [f'{title} {name}' for title in phrases for name in names]
            cancels += [f'{name} {degree}' for name in names for degree in ('md', 'do', 'rn', 'np', 'pa', 'phd')]
        elif kind in UNLABELLED:
            unlabelled.append({kind: '; '.join(sorted(set(phrases))), 'source': OWN})
        elif kind == 'place':  # see place_rows
            continue
        elif kind == 'drop':
            dropped |= {(rest[0], phrase) for phrase in phrases}
        else:
            level = next(one for one in rest if one in LEVELS)
            topic = next((one for one in rest if one not in LEVELS + ['exact']), '')
            topics = grouped((kind, level, topic or topic_of(kind, phrase), phrase) for phrase in phrases)
            if 'exact' in rest:
                apart += [row(*key, exact='; '.join(sorted(set(some))), source=OWN, **company) for key, some in topics]
            elif company:
                apart += [row(*key, words='; '.join(sorted(set(some))), source=OWN, **company) for key, some in topics]
            else:
                items += [(*key, phrase) for key, some in topics for phrase in some]
    for group in words['words']:
        for phrase in (one for one in group['words'] if one not in left_out and (group['label'], one) not in dropped):
            label = group['label']
            level = WEAKER.get((label, phrase), group['level'])
            items.append((label, level, topic_of(label, phrase) if group['lang'] != 'en:tobacco' else 'tobacco',
                          phrase))
    rows = []
    for (label, level, topic), phrases in grouped(items):
        phrases = set(phrases)
        tumour = phrases & TUMOUR_WORDS if label == 'GDIS' and level == 'certain' else set()
        if label == 'GDIS' and level != 'certain':
            tumour = phrases
        viral = phrases & {'viral load'}
        for chosen, company in ((phrases - tumour - viral, {}), (tumour, {'not': somatic}), (viral,
                {'not': OTHER_VIRUSES})):
            if chosen:
                rows.append(row(label, level, topic, words='; '.join(sorted(chosen)), source=OWN, **company))
    named = (pathlib.Path(__file__).parent / 'own_syndromes.txt').read_text().split('\n')
    apart.append(row('COGN', 'possible', words='; '.join(one for one in named if one and not one.startswith('#')),
                     source='HPO annotations 2025-01-16: with intellectual disability; names by Orphanet and OMIM'))
    return rows + apart, sorted(set(cancels)), unlabelled + [right_row()]


def right_row():
    words = (pathlib.Path(__file__).parent / 'own_right.txt').read_text().splitlines()
    return {'right': '; '.join(one for one in words if one and not one.startswith('#')),
            'source': 'word lists of Debian (wamerican, wngerman, wspanish, wfrench, wdutch), names of RxNorm'}


EXACT_COMPANY = {  # token: (with, not); '-': left out
    'AIDS': ('', 'hearing; visual; walking; teaching; communication; decision; mobility; sleep'),
    'ART': ('regimen; naive; adherence; initiated; hiv; antiretroviral', ''),
    'AUD': ('alcohol; disorder; history; f10', ''), 'LSD': ('', 'lysosomal; storage'),
    'COWS': ('score; withdrawal; opiate', 'milk'), 'GAD': ('', 'glutamic; antibod*; gad65; 65'),
    'OCD': ('', 'osteochondritis; dissecans'), 'BPD': ('borderline; personality; disorder', 'bronchopulmonary; '
                                    'biparietal'),
    'SI': ('denies; plan; intent; ideation; hi', ''), 'ASD': ('', 'septal; atrial; defect'),
    'STD': ('', 'deviation; dose; error; unit; dev'), 'MST': ('military; trauma; sexual', ''),
    'TOP': ('pregnancy; gestation; medical; surgical', 'of'), 'ED': ('erectile; sildenafil; dysfunction',
    'department; emergency'),
    'G2P1': '-', 'HRT': '-', 'IPV': '-',
    'SCD': ('', 'sudden; cardiac'), 'VOC': ('crisis; sickle', ''), 'CF': ('fibrosis; cftr; sweat', ''),
    'CPS': ('child; report*; protective', ''), 'APS': ('adult; report*; protective', 'antiphospholipid; lupus'),
    'ECT': ('', 'ectopic'), 'OTP': ('opioid; clinic; treatment', ''), 'SUD': ('', 'sudden; unexplained; death'), 'PrEP': ('', 'colonoscop*; bowel; colon'), 'RPR': ('', ''),
    'CBT': ('', 'cord; transplant*'),
    'DBT': ('', 'tomosynthesis; breast'), 'LARC': ('', ''),
    'MSM': ('', 'methylsulfon*; sulfon*; glucosamin*; chondroitin*; supplement*; mg; capsule*; tablet*; powder; kapsel*; pulver; '
            'gelule*; capsula*'), 'SANE': ('exam*; nurse; kit', ''),
    'PGT': ('', ''), 'ARV': ('', 'arrhythmogenic; ventric*'), 'LGV': ('', ''), 'PKU': ('', ''), 'SIDA': ('', ''),
}


def exact_rows(lists):
    rows, seen = [], set()
    for one in read(lists, 'words.json')['exact_case']:
        company = EXACT_COMPANY.get(one['token'], ('', ''))
        if company == '-' or (one['label'], one['token']) in seen or (one['label'], one['token']) == ('STD', 'MST'):
            continue
        seen.add((one['label'], one['token']))
        rest = {'exact': one['token'], 'source': OWN}
        for name, text in zip(('with', 'not'), company):
            if text:
                rest[name] = text
        rows.append(row(one['label'], one['level'], topic_of(one['label'], one['token'].lower()), **rest))
    # One row for what goes without company.
    plain, out = collections.defaultdict(list), []
    for one in rows:
        if 'with' in one or 'not' in one:
            out.append(one)
        else:
            plain[one['label'], one['level'], one.get('topic', '')].append(one['exact'])
    return [row(*key, exact='; '.join(tokens), source=OWN) for key, tokens in sorted(plain.items())] + out


# Beside the sheet's: what stood in J05AX before it had a class of its own, and stands there still.
OWN_ATC = [[code, 'HIV', 'certain'] for code in ('J05AX07', 'J05AX08', 'J05AX11', 'J05AX12', 'J05AX23', 'J05AX29',
                                                 'J05AX31')]


def brand_key(name):
    return ' '.join(tokens_of(name))


def medicine_rows(lists):
    data = read(lists, 'medications.json')
    items, others, company, only_medicine = [], [], [], []
    levels = {}
    for one in data['medicines']:
        label, level, name = one['label'], one['level'], one['name']
        if label == 'SUD' and name == 'esketamine':
            continue
        text = MEDICINE_NAMES.get(name, name)
        topic = topic_of(label, name.lower())
        other = other_reasons_of(label, name)
        for phrase in filter(None, text.split('; ')):
            parts = phrase.split(' / ')
            required, forbidden = MEDICINE_COMPANY.get(name, ('', ''))
            if name.startswith('buprenorphine patch'):
                required = 'patch; transdermal; buccal; butrans; belbuca; norspan; transtec; temgesic; buprenex'
            if len(parts) > 1:
                # All parts in one name, in whatever order: the last ones are company. One word each.
                company.append(row(label, level, topic, words=parts[0], all='; '.join(parts[1:]), source=OWN))
            elif required or forbidden:
                rest = {k: v for k, v in (('with', required), ('not', forbidden)) if v}
                company.append(row(label, level, topic, words=phrase, source=OWN, **rest, **other))
            else:
                (others if other else items).append((label, level, topic, phrase, *other.values()))
        for brand in one.get('brands', []) + one.get('us_brands', []):
            key = brand_key(brand)
            if brand in NOT_BRANDS or len(key) < 4:
                continue
            if levels.get((label, key), -1) >= LEVELS.index(level):
                continue
            levels[label, key] = LEVELS.index(level)
            has_other = other and brand not in ONE_REASON
            (others if has_other else items).append((label, level, topic, key, *(other.values() if has_other else ())))
        for brand in one.get('brands_in_medicine_fields', []):
            only_medicine.append((label, level, topic, brand_key(brand)))
    company.append(row('SUD', 'likely', 'opioid', words='buprenorphine', source=OWN,
                       **{'not': MEDICINE_COMPANY['buprenorphine'][1]}, **other_reasons_of('SUD', 'buprenorphine')))
    items += [('SICKLE', 'certain', '', 'droxia'), ('SICKLE', 'certain', '', 'siklos'), ('SEX', 'possible',
            'function', 'revatio')]
    rows = [row(*key, words='; '.join(sorted(set(names))), source=OWN + '; brands also of RxNorm 2025-10 (NLM)')
            for key, names in grouped(items)]
    rows += [row(*key, words='; '.join(sorted(set(names))), only='medicine', source=OWN + '; '
                                    'brands also of RxNorm 2025-10 (NLM)')
             for key, names in grouped(only_medicine)]
    spoken = collections.defaultdict(list)
    for label, level, topic, phrase, words, codes in others:
        spoken[label, level, topic, words, codes].append(phrase)
    rows += [row(label, level, topic, words='; '.join(sorted(set(names))), source=OTHERWISE, otherwise=words,
                 otherwiseIcd=codes) for (label, level, topic, words, codes), names in sorted(spoken.items())]
    return rows + company, atc_rows(data['atc_prefixes'] + OWN_ATC)


def atc_rows(prefixes):
    """A longer beginning of a code decides before a shorter one."""
    named = []  # (code, label, level, what it may be there for besides)
    for code, label, level in prefixes:
        named.append((code, label, level, {}))
        for medicine, name in ATC_OF.items():
            if medicine == code:
                named[-1] = code, label, level, other_reasons_of(label, name)
            elif medicine.startswith(code) and not any(one[0] == medicine and one[1] == label for one in prefixes):
                named.append((medicine, label, level, other_reasons_of(label, name)))
    items, classes = collections.defaultdict(list), collections.defaultdict(list)
    for code, label, level, other in named:
        inner = sorted(one for one, its, *_ in named if its == label and one != code and one.startswith(code))
        items[label, level, *other.values()] += without(code, inner)
        if inner:  # the class itself
            classes[label, level, *other.values()] += [code] + [one[:5] for one in inner if one[:5] != code]
    return [row(label, level, system=SYSTEMS['atc'], ranges=' '.join(sorted(codes)),
                **({'codes': ' '.join(sorted(set(classes[key])))} if key in classes else {}),
                source='ATC of the WHO, levels our own', **dict(zip(('otherwise', 'otherwiseIcd'), other)))
            for key, codes in sorted(items.items()) for label, level, *other in [key]]


def without(code, inner):
    """The ranges of what begins with the code, and with none of the longer ones: levels of ATC have 1, 3, 4, 5 and 7
    letters."""
    if not inner:
        return [code]
    length = {3: 4, 4: 5, 5: 7}[len(code)]
    if length == 7:
        endings = [f'{number:02}' for number in range(100)]
    else:
        endings = [chr(letter) for letter in range(ord('A'), ord('Z') + 1)]
    ranges, run = [], []
    for ending in endings + [None]:
        part = code + (ending or '')
        deeper = [one for one in inner if one.startswith(part)] if ending else [part]
        if not deeper:
            run.append(part)
            continue
        if run:
            ranges.append(run[0] if len(run) == 1 else run[0] + '-' + run[-1])
            run = []
        if ending and part not in deeper:
            ranges += without(part, deeper)
    return ranges


SOMATIC = re.compile(r'\b(erbb2|her2|egfr|kras|nras|braf|jak2|bcr|abl1?|flt3|npm1|idh[12]|kit|pdgfra|mgmt|calr|mpl|alk|'
                     r'ros1|tumou?r|cancer|neoplasm|somatic)\b', re.I)


def code_rows(lists, without, named=frozenset()):
    """The rows of single codes, the strongest level of each per label; and who said so."""
    best = {}
    sources = {
        'codes-opioid-cds.json': 'cqframework/opioid-cds-r4, commit b29bdcb (CC0)',
        'codes-shift.json': 'SHIFT-Task-Force/SLS-ValueSets, commit ede5208 (CC-BY-4.0)',
        'codes-opensafely.json': 'OpenSAFELY codelists, University of Oxford (MIT)',
        'codes-ohdsi.json': 'OHDSI/PhenotypeLibrary, commit 40106e4 (Apache-2.0)',
        'loinc-orders.json': 'LOINC Universal Lab Orders, (c) Regenstrief Institute (LOINC licence)',
    }
    for name, source in sources.items():
        if name == without:
            continue
        data = read(lists, name)
        for code_row in data['codes']:
            label, level, system, code, display = code_row[:5]
            listed = data['lists'][code_row[5]] if 'lists' in data else ''
            text = (display or '').lower()
            if label == 'none' or system == 'icd-10-cm':
                continue
            if label == 'GDIS' and text.startswith(('hiv', 'hepatitis')):
                continue
            if (system, label, code) in named:  # its name says more: what it may be for besides
                continue
            if label == 'GDIS' and SOMATIC.search(text) and not re.search('germline|hereditary|brca|familial', text):
                continue
            if 'GenderAffirming' in listed:
                level = 'possible'  # numbers of general surgery
            topic = topic_of(label, (text or listed.lower()).replace('-', ' '))
            key = system, code, label
            rank = LEVELS.index(level)
            if key not in best or best[key][0] < rank:
                best[key] = rank, topic, source
    groups = collections.defaultdict(list)
    for (system, code, label), (rank, topic, source) in best.items():
        groups[source, system, label, LEVELS[rank], topic].append(code)
    return [row(label, level, topic, system=SYSTEMS[system], codes=' '.join(sorted(codes, key=lambda c: (len(c), c))),
                source=source)
            for (source, system, label, level, topic), codes in sorted(groups.items())]


PLACES = {'facility type', 'service type', 'location role', 'provider taxonomy', 'practice setting'}


def place_rows(lists):
    data = read(lists, 'places.json')
    items = collections.defaultdict(list)
    for label, level, code, name, _ in data['instruments']:
        if '(COGN)' in name:
            label = 'COGN'
        items[SYSTEMS['loinc'], label, level, topic_of(label, name.lower()), False].append(code)
    for kind, label, level, system, code, name in data['rows']:
        items[system, label, level, topic_of(label, name.lower()), kind in PLACES].append(code)
    rows = [row(label, level, topic, system=system, codes=' '.join(sorted(set(codes))),
                **({'place': True} if is_place else {}),
                source='R4 definitions 4.0.1 (CC0), NUCC (AMA), LOINC (Regenstrief Institute); levels our own')
            for (system, label, level, topic, is_place), codes in sorted(items.items())]
    for head, phrases in own_words(pathlib.Path(__file__).parent):
        (kind, *rest), company = company_of(head, '')
        if kind == 'place':
            rows.append(row(*rest, words='; '.join(sorted(set(phrases))), place=True, source=OWN, **company))
    return rows


def range_rows(lists):
    rows = []
    for system, groups in read(lists, 'icd.json')['systems'].items():
        items = []
        if isinstance(groups, str):  # "as" another one
            continue
        for group in groups:
            for first, last in group['ranges']:
                items.append((group['label'], group['level'], icd_topic(group['label'],
                        first) if '9-cm' not in system else '',
                              first if first == last else first + '-' + last))
        source = 'the classification, from knowledge of it; levels our own'
        if system.endswith('icd-10-cm'):
            source = 'ICD-10-CM tabular list of 2026-04 (CDC/NCHS); levels our own'
        rows += [row(*key, system=system, ranges=' '.join(ranges), source=source) for key, ranges in grouped(items)]
    return split_abortion(rows)


def split_abortion(rows):
    """O00-O08 holds three topics."""
    out = []
    for one in rows:
        if one['label'] == 'SEX' and 'O00-O08' in one.get('ranges', '').split():
            rest = [r for r in one['ranges'].split() if r != 'O00-O08']
            base = {'system': one['system'], 'source': one['source']}
            out.append(row('SEX', 'certain', 'abortion', ranges='O04-O07', **base))
            out.append(row('SEX', 'certain', 'pregnancy', ranges='O00-O03 O08', **base))
            if rest:
                out.append({**one, 'ranges': ' '.join(rest)})
        else:
            out.append(one)
    return out


def procedure_rows(lists):
    data = read(lists, 'procedures.json')
    rows = []
    for group in data['rows']:
        items = []
        for first, last in group['ranges']:
            topic = ''
            for name, pattern in PROCEDURE_TOPICS.get(group['label'], []):
                if re.match(pattern, first):
                    topic = name
                    break
            if group['level'] == 'possible' and topic:
                topic = ''
            items.append((group['label'], group['level'], topic, first if first == last else first + '-' + last))
        rows += [row(*key, system=SYSTEMS[group['system']], ranges=' '.join(ranges),
                     source='sections of the code set, numbers only, from knowledge of them') for key,
                             ranges in grouped(items)]
    for name in ('icd-10-pcs', 'ops (de)'):
        items = [(label, level, 'abortion' if 'abortion' in note or 'termination' in note else '',
                re.sub('[.-]', '', code))
                 for code, label, level, note in data[name]]
        rows += [row(*key, system=SYSTEMS[name.split()[0]], ranges=' '.join(codes), source='sections of the code set')
                 for key, codes in grouped(items)]
    return rows


def rxnorm_rows(lists, words):
    """A bare code of RxNorm is decided by its name; of those that say nothing, the numbers."""
    named, neutral = collections.defaultdict(list), []
    with gzip.open(lists / 'rxnorm-names.tsv.gz', 'rt') as lines:
        for line in lines:
            if line.startswith('#'):
                continue
            code, _, name = line.rstrip('\n').split('\t')
            signs = words.found(name)
            for (label, topic), (level, of) in signs.items():
                other = (of['otherwise'], of['otherwiseIcd']) if level and 'otherwise' in of else ()
                named[label, LEVELS[level], topic, other].append(code)
            if not signs:
                neutral.append(int(code))
    source = 'names of RxNorm Current Prescribable Content 2025-10 (NLM), read by medicines.json and words.json'
    rows = [row(*key, system=SYSTEMS['rxnorm'], codes=' '.join(codes), source=source,
                **dict(zip(('otherwise', 'otherwiseIcd'), other))) for (*key, other), codes in sorted(named.items())]
    return rows, sorted(neutral), source


VITALS = ('85354-9 8480-6 8462-4 8867-4 9279-1 8310-5 8302-2 29463-7 39156-5 59408-5 2708-6 8289-1 59576-9 '
          '77606-2 9843-4 3150-6 3151-8')


def neutral_rows(lists, rxnorm_neutral, rxnorm_source, config):
    loinc = {code for label, _, _, code, _ in read(lists, 'loinc-orders.json')['codes'] if label == 'none'}
    loinc |= set(VITALS.split())
    return [{'system': SYSTEMS['loinc'], 'neutral': ' '.join(sorted(loinc, key=lambda c: (len(c), c))),
             'source': 'LOINC Universal Lab Orders, (c) Regenstrief Institute (LOINC licence); vital signs of US Core'},
            {'system': SYSTEMS['rxnorm'], 'neutral': ' '.join(map(str, rxnorm_neutral)), 'source': rxnorm_source}]


# --- files ------------------------------------------------------------------------------------------

def write(folder, name, description, rows):
    def line(one):
        return '    ' + json.dumps(one, ensure_ascii=False)
    text = '{\n  "name": %s,\n  "version": "%s",\n  "description": %s,\n  "rows": [\n%s\n  ]\n}\n' % (
        json.dumps(name), VERSION, json.dumps(description), ',\n'.join(line(one) for one in rows))
    (folder / (name + '.json')).write_text(text)


def make(lists, folder, without):
    plain, cancels, unlabelled = word_rows(lists)
    exact = exact_rows(lists)
    medicines, atc = medicine_rows(lists)
    words = Words([r for r in plain + exact + medicines if 'only' not in r and 'all' not in r], cancels)
    rxnorm, neutral, rxnorm_source = rxnorm_rows(lists, words)
    write(folder, 'words', 'Words that betray a matter in a name or a text, in English, German, Spanish, French, '
                           'Dutch. '
          'Separated by "; "; x* begins a word, *x ends one. `exact`: just so, capitals and all. `with`: one of these '
          'must be there too, `near`: in the same sentence, `not`: none may. `cancel`: what is no sign.',
          plain + exact + [{'cancel': '; '.join(cancels), 'source': OWN}] + unlabelled)
    write(folder, 'medicines', 'Ingredients and brands by name, in any text; `all`: with each of these; '
                               '`only` medicine: '
          'common words, only as the name of a medicine. ATC by what a code begins with.', medicines + atc)
    write(folder, 'icd', 'Diagnoses by what their codes begin with, dots left out: "B20" is all that begins with it, '
          '"F10-F16" all from one to the other. Labels are codes of v3-ActCode.', range_rows(lists))
    write(folder, 'codes', 'Single codes, from the lists that each row names. A code counts under its own system, and '
          'under any that no row names.', code_rows(lists, without, {
                  ('rxnorm', one['label'], code) for one in rxnorm if 'otherwise' in one for code in one['codes'].split()}))
    write(folder, 'rxnorm', 'Codes of RxNorm by what their names say.', rxnorm)
    write(folder, 'places', 'Document types, instruments, specialties, service types and places that betray.',
            place_rows(lists))
    write(folder, 'procedures', 'Procedures and products by number.', procedure_rows(lists))
    write(folder, 'neutral', 'Codes that are known to betray nothing: they need no name.', neutral_rows(lists,
            neutral, rxnorm_source, folder))
    return words


def half_of(system, code):
    """Words are added by looking at what is missed of one half; the other is only counted."""
    return 'tuned' if hashlib.sha256(f'{system}|{code}'.encode()).digest()[0] % 2 == 0 else 'held out'


def measure(lists, words):
    """By category and half: how many displays words and medicines find; of `none`, how many they leave alone."""
    counts, seen, missed = collections.Counter(), set(), collections.defaultdict(list)
    for name in LISTS:
        for label, _, system, code, display, *_ in read(lists, name)['codes']:
            if not display or (label, system, code) in seen:
                continue
            seen.add((label, system, code))
            found = {one for one, _ in words.signs(display)}
            is_right = not found if label == 'none' else label in found
            key = label + (' (tests)' if system == 'loinc' and label != 'none' else '')
            counts[key, half_of(system, code), 'of'] += 1
            counts[key, half_of(system, code), 'right'] += is_right
            if not is_right and half_of(system, code) == 'tuned':
                missed[key].append(display)
    for key in sorted({one for one, _, _ in counts}):
        print(f'{key:16}', *(f'{half} {counts[key, half, "right"] / max(1, counts[key, half, "of"]):.3f} of '
                             f'{counts[key, half, "of"]:<5}' for half in ('tuned', 'held out')),
              '; '.join(missed[key][:12])[:400])


LISTS = ('codes-opensafely.json', 'codes-opioid-cds.json', 'codes-ohdsi.json', 'codes-shift.json', 'loinc-orders.json')


class Codes:
    """What rows say of bare codes: single ones, and ranges of what codes begin with."""
    def __init__(self, rows):
        self.single, self.ranges = collections.defaultdict(set), collections.defaultdict(list)
        for one in rows:
            for code in one.get('codes', '').split():
                self.single[one['system'], code].add(one['label'])
            for code in one.get('neutral', '').split():
                self.single[one['system'], code].add('none')
            for piece in one.get('ranges', '').split():
                first, _, last = piece.partition('-')
                self.ranges[one['system']].append((first, last or first, one['label']))

    def labels(self, system, code):
        plain = re.sub(r'[^0-9A-Za-z]', '', code)
        return self.single[system, code] | {label for first, last, label in self.ranges[system]
                                            if first <= plain[:len(first)] and plain[:len(last)] <= last}


def measure_bare(lists, words):
    """Of the codes of each list, by category: those that all but that list finds, bare; those that nobody knows, so
    that a deny on any label withholds them; the rest goes."""
    counts = collections.Counter()
    atc, (rxnorm, neutral, source) = medicine_rows(lists)[1], rxnorm_rows(lists, words)
    always = atc + rxnorm + place_rows(lists) + range_rows(lists) + procedure_rows(lists)
    for name in LISTS:
        without = [] if name == 'loinc-orders.json' else neutral_rows(lists, neutral, source, None)
        known = Codes(always + code_rows(lists, name) + without)
        for label, _, system, code in {tuple(one[:4]) for one in read(lists, name)['codes']}:
            if label == 'none':
                continue
            found = known.labels(SYSTEMS.get(system, system), code)
            is_found = label in found
            counts[label, 'found' if is_found else 'goes' if found else 'unknown'] += 1
    for label in sorted({one for one, _ in counts}):
        found, unknown, goes = (counts[label, what] for what in ('found', 'unknown', 'goes'))
        print(f'{label:16} bare: {found + unknown + goes:5} codes, found by the rest {found}, unknown and so withheld '
              f'{unknown}, go {goes}: {(found + unknown) / (found + unknown + goes):.3f}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('lists', type=pathlib.Path)
    parser.add_argument('-o', dest='folder', type=pathlib.Path, default=pathlib.Path(__file__).parent)
    parser.add_argument('--without', default='')
    parser.add_argument('--measure', action='store_true')
    parser.add_argument('--syndromes', type=pathlib.Path, help='phenotype.hpoa: make own_syndromes.txt of it')
    parser.add_argument('--right', type=pathlib.Path, nargs='+', help='word lists: make own_right.txt of them')
    given = parser.parse_args()
    if given.right:
        rows = [one for name in ('words', 'medicines', 'places')
                for one in read(pathlib.Path(__file__).parent, name + '.json')['rows']]
        file = pathlib.Path(__file__).parent / 'own_right.txt'
        file.write_text('# Made by make.py --right, see there: words that are one letter from one that is looked for.\n' +
                        '\n'.join(right_words(given.right, given.lists, rows)) + '\n')
        return
    if given.syndromes:
        file = pathlib.Path(__file__).parent / 'own_syndromes.txt'
        file.write_text('')
        plain, cancels, _ = word_rows(given.lists)
        names = syndromes(given.syndromes, Words(plain + exact_rows(given.lists), cancels))
        file.write_text('# Made by make.py --syndromes, see there: names of diseases that often come with an '
                        'intellectual disability.\n' + '\n'.join(names) + '\n')
        return
    words = make(given.lists, given.folder, given.without)
    if given.measure:
        measure(given.lists, words)
        measure_bare(given.lists, words)


if __name__ == '__main__':
    sys.exit(main())
