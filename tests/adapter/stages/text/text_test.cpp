// What stands in a file is seen, however it is written; what cannot be read is never taken for
// read.
#include "adapter/stages/text/text.h"

#include <gmock/gmock.h>

#include "fhir/base/crypto.h"
#include "tests/adapter/stages/text/pdf_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;
using ::testing::HasSubstr;

std::string in_utf16(const std::string& text, bool is_big, bool has_mark) {
    std::string out = !has_mark ? "" : is_big ? "\xfe\xff" : "\xff\xfe";
    for (const char letter : text) {
        if (is_big) out += '\0';
        out += letter;
        if (!is_big) out += '\0';
    }
    return out;
}

std::string in_lines(const std::string& text, const std::string& indent) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += 60) out += "\n" + indent + text.substr(at, 60);
    return out;
}

// A note in which the word stands by itself, long enough for base64 to be told from a word.
const std::string note = "She used cocaine until the spring of last year.";

const std::map<std::string, std::string> spellings = {
    {"plain", note},
    {"UTF-8 with its mark", "\xef\xbb\xbf" + note},
    {"UTF-16, little first", in_utf16(note, false, true)},
    {"UTF-16, big first", in_utf16(note, true, true)},
    {"UTF-16 without a mark", in_utf16(note, false, false)},
    {"UTF-16 without a mark, big first", in_utf16(note, true, false)},
    {"a comment", "<p>ok<!-- cocaine --></p>"},
    {"a comment that does not end", "<p>ok<!-- cocaine"},
    {"a comment inside the word", "<p>co<!-- x -->caine</p>"},
    {"an attribute", "<p title=\"cocaine\">ok</p>"},
    {"an attribute in single quotes", "<p title='cocaine'>ok</p>"},
    {"an attribute without quotes", "<p title=cocaine>ok</p>"},
    {"an attribute with a tag's end in it", "<p title=\"a > cocaine\">ok</p>"},
    {"an attribute in entities", "<p title='co&#99;aine'>ok</p>"},
    {"a tag that does not end", "<p title='cocaine"},
    {"CDATA", "<a><![CDATA[cocaine]]></a>"},
    {"markup in CDATA", "<a><![CDATA[<i>co</i>caine]]></a>"},
    {"CDATA inside the word", "<a>co<![CDATA[ca]]>ine</a>"},
    {"a script", "<script>var x = 'cocaine'</script>"},
    {"a style", "<style>p:after{content:'cocaine'}</style>"},
    {"a title", "<title>cocaine</title>"},
    {"a document type", "<!DOCTYPE cocaine><p>ok</p>"},
    {"an instruction", "<?note cocaine?><p>ok</p>"},
    {"tags inside the word", "<p>co<b>cai</b><i>ne</i></p>"},
    {"a soft hyphen's entity", "<p>co&shy;caine</p>"},
    {"a soft hyphen's entity without its end", "<p>co&shycaine</p>"},
    {"a soft hyphen",
     "<p>co\xc2\xad"
     "caine</p>"},
    {"a soft hyphen in plain text",
     "co\xc2\xad"
     "caine"},
    {"a space of no width",
     "co\xe2\x80\x8b"
     "caine"},
    {"a joiner's number", "<p>co&#8205;caine</p>"},
    {"a word joiner",
     "co\xe2\x81\xa0"
     "caine"},
    {"a space of no width by its name", "<p>co&ZeroWidthSpace;caine</p>"},
    {"an entity that nobody knows", "<p>co&unknownEntity;caine</p>"},
    {"a number", "<p>co&#99;aine</p>"},
    {"a number in hex", "<p>co&#x63;aine</p>"},
    {"a number without its end", "<p>coc&#97ine</p>"},
    {"RTF", R"({\rtf1 cocaine})"},
    {"RTF, control words inside the word", R"({\rtf1 co\b cai\b0 ne})"},
    {"RTF, a group inside the word", R"({\rtf1 co{\b cai}ne})"},
    {"RTF, in hex", R"({\rtf1 co\'63aine})"},
    {"RTF, in Unicode", R"({\rtf1 co\u99?aine})"},
    {"RTF, two letters for one", R"({\rtf1\uc2 co\u99??aine})"},
    {"RTF, a word for one", R"({\rtf1\uc1 co\u99\tab aine})"},
    {"RTF, none for one", R"({\rtf1\uc0 co\u99 aine})"},
    {"RTF, the count of its group", R"({\rtf1{\uc3 x}co\u99?aine})"},
    {"RTF, bytes inside the word", "{\\rtf1 co{\\pict\\bin5 }}{{{}caine}"},
    {"RTF, bytes that are no text inside the word",
     "{\\rtf1 co{\\pict\\bin6 \xff\xfe{\xe9}}}caine}"},
    {"RTF, a letter of UTF-8 for one",
     "{\\rtf1 co\\u99\xc3\xa9"
     "aine}"},
    {"RTF, what is no control word",
     "{\\rtf1 co\\\xc3\xa9"
     "caine}"},
    {"RTF, an optional hyphen", R"({\rtf1 co\-caine})"},
    {"RTF, hidden", R"({\rtf1 ok {\v cocaine}})"},
    {"RTF, a group nobody shows", R"({\rtf1{\*\note cocaine}ok})"},
    {"RTF, a font", R"({\rtf1{\fonttbl{\f0 cocaine;}}ok})"},
    {"RTF, what is said of it", R"({\rtf1{\info{\title cocaine}}ok})"},
    {"quoted-printable", "She used co=63aine"},
    {"quoted-printable, a soft break", "She used coc=\naine until"},
    {"quoted-printable, a soft break of another system", "She used coc=\r\naine until"},
    {"quoted-printable of HTML", "<p>=63o<b>=63aine</b></p>"},
    {"JSON", R"({"note":"\u0063ocaine"})"},
    {"base64", crypto::base64(note)},
    {"base64 in lines", in_lines(crypto::base64(note + note + note), "")},
    {"base64, indented", "<a>" + in_lines(crypto::base64(note + note + note), "    ") + "</a>"},
    {"base64 without its padding", "x: " + crypto::base64(note + "a").substr(0, 64)},
    {"base64 after what is none", "data:text/plain;base64," + crypto::base64(note)},
    {"base64 in base64", crypto::base64("a: " + crypto::base64(note))},
    {"base64 of UTF-16", "a: " + crypto::base64(in_utf16(note, false, true))},
    {"base64 of RTF", "<img alt='" + crypto::base64("{\\rtf1 cocaine and more}") + "'>x"},
    {"an address", "<a href='data:text/plain,co%63aine'>x</a>"},
    {"a line's end in the word", "She used co-\ncaine"},
    {"C-CDA", "<ClinicalDocument><text>cocaine</text></ClinicalDocument>"},
    {"C-CDA, an entry", "<ClinicalDocument><value displayName='cocaine'/></ClinicalDocument>"},
    {"C-CDA, a body in base64", "<ClinicalDocument><nonXMLBody><text representation=\"B64\">" +
                                    in_lines(crypto::base64(note), "  ") +
                                    "</text></nonXMLBody></ClinicalDocument>"},
    {"C-CDA, a body that is a PDF",
     "<ClinicalDocument><nonXMLBody><text mediaType='application/pdf' representation='B64'>" +
         crypto::base64(pdf_of({note})) + "</text></nonXMLBody></ClinicalDocument>"},
    {"PDF", pdf_of({"She used cocaine", "until spring"})},
    {"PDF, a line's end in the word", pdf_of({"She used co-\ncaine"})},
    {"PDF, its title", pdf_of({"ok"}, "", "/Info<</Title(cocaine)>>")},
    {"PDF in base64", "a: " + crypto::base64(pdf_of({note}))}};

TEST(Text, AWordIsSeenHoweverItIsWritten) {
    for (const auto& [how, bytes] : spellings) {
        const auto file = text_of_file(bytes);
        ASSERT_TRUE(file) << how;
        EXPECT_THAT(file->words(), HasSubstr("cocaine")) << how;
        EXPECT_TRUE(file->is_whole) << how;
    }
}

// "HIVpositive" has no word of its own in it.
TEST(Text, WordsThatOnlyATagPartsAreFoundAsWords) {
    EXPECT_THAT(text_of_markup("<b>HIV</b>positive").unseen, HasSubstr("HIV positive"));
    EXPECT_THAT(text_of_markup("<td>HIV</td><td>no</td>").shown, HasSubstr("HIV | no"));
    EXPECT_THAT(text_of_file("HIV\xc2\xa0positive\xe2\x80\xafnow")->words(),
                HasSubstr("HIV positive now"));
}

TEST(Text, WhatIsHiddenIsNotShown) {
    for (const auto& [how, bytes] : spellings) {
        const std::string shown = text_of_file(bytes)->shown;
        if (!bytes.starts_with("<") && !bytes.starts_with("{\\")) continue;
        for (const char* part : {"title=", "content:", "var x", "note", "\\u"})
            EXPECT_EQ(shown.find(part), std::string::npos) << how << shown;
    }
    EXPECT_EQ(text_of_file(R"({\rtf1 a{\v b}\v c\v0 d{\*\x e}})")->shown, "ad");
}

// Whatever part of it is no text that we read, the whole is not read.
TEST(Text, WhatCannotBeReadIsNeverTakenForRead) {
    using namespace std::string_literals;
    const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s, zip = "PK\x03\x04\x14\0\0\0\x08\0"s;
    const auto cda_of = [](const std::string& bytes) {
        return "<ClinicalDocument><nonXMLBody><text representation='B64'>" +
               crypto::base64(bytes + std::string(20, '\0')) +
               "</text></nonXMLBody></ClinicalDocument>";
    };
    const std::map<std::string, std::string> files = {
        {"a picture", png},
        {"a zip", zip},
        {"a picture in HTML and no word", "<html><img src='scan.png'></html>"},
        {"a picture in RTF and no word", R"({\rtf1{\pict 89504e47}})"},
        {"a file in RTF", R"({\rtf1 see this{\object{\*\objdata 0105}}})"},
        {"a zip in base64", "see this: " + crypto::base64(zip + std::string(20, '\0'))},
        {"a zip as a body", cda_of(zip)},
        {"a picture as a body", cda_of(png)},
        {"entities of its own", "<!DOCTYPE a [<!ENTITY b \"cai\">]><a>co&b;ne</a>"},
        {"letters that are none", "<?xml version='1.0' encoding='utf-7'?><a>+AGM-ocaine</a>"},
        {"a PDF that is none", "%PDF-1.7 nonsense"},
        {"a PDF cut short", pdf_of({note}).substr(0, 120)},
        {"a PDF of a scan", pdf_of({""})},
        {"a PDF with a scan in it", pdf_of({note, "", note})},
        {"a PDF that shows a part of its page", pdf_of({note}, "/CropBox[0 0 600 400]")},
        {"a scan in base64", "see: " + crypto::base64(pdf_of({"", ""}))},
        {"control characters",
         "a\x01"
         "b"},
        {"too large", std::string(text_file_bytes_max + 1, 'a')}};
    for (const auto& [what, bytes] : files) {
        const auto file = text_of_file(bytes);
        EXPECT_TRUE(!file || !file->is_whole) << what;
    }
}

TEST(Text, APictureBesideWordsDoesNotMakeThemUnreadable) {
    for (const std::string bytes :
         {"<p>ok</p><img src='data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=='>",
          R"({\rtf1 ok{\pict 89504e47}})"})
        EXPECT_TRUE(text_of_file(bytes)->is_whole) << bytes;
}

TEST(Text, LettersThatAreAGuessAreNotShown) {
    EXPECT_TRUE(text_of_file("Gr\xf6\xdf"
                             "e")
                    ->is_guessed);
    const auto said = text_of_file(
        "Gr\xf6\xdf"
        "e \x80",
        "text/plain; charset=ISO-8859-1");
    EXPECT_FALSE(said->is_guessed);
    EXPECT_EQ(said->shown, "Größe €");
    EXPECT_EQ(text_of_file("<p>Gr&ouml;&szlig;e &le; 5&nbsp;&micro;m &Delta;</p>")->shown,
              "Größe ≤ 5 µm Δ");
}

// A dose that was struck, a power of ten, a box that is not ticked, a picture: the words alone say
// something else.
TEST(Text, WhatIsShownByMoreThanLettersIsSaid) {
    const std::map<std::string, std::string> files = {
        {"<p>Dose <del>20</del><ins>10</ins> mg. Do <s>not</s> stop.</p>",
         "Dose [struck: 20] 10 mg. Do [struck: not] stop."},
        {"<span style='Text-Decoration: line-through'>a <span>b</span> c</span> d",
         "[struck: a b c] d"},
        {"<s>a <b>b</s>c", "[struck: a b] c"},
        {"<p>x<s> </s>y <strike>never ended", "x y [struck: never ended]"},
        {"<p>50 x 10<sup>9</sup>/L, 10<sup>-3</sup>, m<sup>2</sup>, CO<sub>2</sub>, "
         "1<sup>st</sup>, "
         "2<sup>1.5</sup>, C<sub>max</sub>",
         "50 x 10⁹/L, 10⁻³, m², CO₂, 1st, 2^(1.5), Cmax"},
        {"<p>See <img src='a.png' alt='the scan &amp; its scale'>, <img src='b.png'>, <img "
         "alt=''>and",
         "See [picture: the scan & its scale] , [picture] , and"},
        {"<input type=checkbox checked> surgery <input type='checkbox'/> chemo <input type=radio "
         "CHECKED=''>now<input type=radio>later <input name=n value='12 mg'><input type=hidden "
         "value=x>",
         "☑ surgery ☐ chemo ◉ now ○ later 12 mg"},
        {"<select><option>no<option selected>yes</select>", "☐ no ☑ yes"},
        {"<p>ok</p><div style=\"display : none\">old <b>dose</b></div><p hidden>x</p>",
         "ok\n[hidden: old dose]\n[hidden: x]"},
        {R"({\rtf1 Take {\strike 20} 10 mg, \strike never\strike0  now, 10{\super 9}/L CO\sub 2\nosupersub .})",
         "Take [struck: 20] 10 mg, [struck: never] now, 10⁹/L CO₂."},
        {R"({\rtf1 see {\pict 89504e47}{\up6 2}{\deleted gone}})",
         "see [picture] ² [struck: gone]"}};
    for (const auto& [bytes, shown] : files) {
        const auto file = text_of_file(bytes);
        ASSERT_TRUE(file) << bytes;
        EXPECT_EQ(file->shown, shown) << bytes;
    }
    // Words are looked for as if nothing were marked.
    EXPECT_THAT(text_of_file("<p>co<s>cai</s>ne</p>")->words(), HasSubstr("cocaine"));
    EXPECT_THAT(text_of_file("<p>CD<sub>4</sub></p>")->words(), HasSubstr("CD4"));
}

TEST(Text, PlainTextIsShownAsItStands) {
    const std::string plain = "pO2 <b 60 & a=3D\n\n  x < y";
    EXPECT_EQ(text_of_file(plain, "text/plain; charset=utf-8")->shown, plain);
}

}  // namespace
}  // namespace consultd
