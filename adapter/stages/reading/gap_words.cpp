#include "adapter/stages/reading/gap_words.h"

#include <array>

#include "adapter/stages/reading/type_words.h"

namespace consultd {
namespace {

struct Row {
    std::string_view own;
    StaticText plain;
};

constexpr std::array words = std::to_array<Row>({
    {"bad-url", "its address cannot be read"},
    {"by-category-only",
     "asked for by a list of categories, and nothing shows that there are no others"},
    {"empty-answer", "the source gave nothing in its place"},
    {"empty-page", "the source stopped on the way, with an empty page"},
    {"fewer-than-total", "the source gave fewer than it said it has"},
    {"first-opinion-sealed",
     "what the first team concluded and planned: sealed until the opinion asked for is filed, then "
     "sent by itself"},
    {"foreign-host", "held on another system, which was not asked"},
    {"hash-mismatch", "came damaged: its checksum does not fit"},
    {"size-mismatch", "came damaged: its size does not fit"},
    {"http-401", "the source did not let us read it"},
    {"http-403", "the source did not let us read it"},
    {"http-404", "the source does not have it any more"},
    {"http-410", "the source has deleted it"},
    {"leads-to-another", "it led to another person's record, and that is left out"},
    {"left-operation", "the source went on with something else than what it was asked for"},
    {"malformed", "not FHIR as its standard has it, so it could not be read"},
    {"malformed-answer", "the source's answer could not be read"},
    {"modifier-extension", "marked with something that changes its meaning, which we do not know"},
    {"names-another", "names another person as well, so it was not kept"},
    {"narrowed", "the source answered a narrower question than was asked, or another one"},
    {"no-records", "the source handed over no records"},
    {"not-an-attachment", "its address leads to another record, and not to a document"},
    {"not-asked", "not asked for"},
    {"not-followed", "referred to, and not of a kind that is read"},
    {"not-found", "the source does not have it"},
    {"not-granted", "the source did not allow us to ask for all of it"},
    {"not-narrowed", "the source mixed others' records into it, so it was not read on"},
    {"not-offered", "the source does not offer it"},
    {"not-ready", "the source did not have it ready in time"},
    {"other-case", "held at another address than the source's, which was not asked"},
    {"other-origin", "held on another system, which was not asked"},
    {"other-path", "held at another address than the source's, which was not asked"},
    {"other-port", "held at another address than the source's, which was not asked"},
    {"other-record-not-read", "a second record of the same person, which was not read"},
    {"other-resource", "the source gave something else in its place"},
    {"other-version", "of another version of FHIR, which we do not read"},
    {"other-version-held", "another version of it came than the one that is meant"},
    {"page-cap", "more than the limit; the rest was not read"},
    {"redacted", "the source took something out of it, or covered it up"},
    {"reference-cap", "more than the limit; the rest was not read"},
    {"referenced-not-found", "referred to, and not in the record"},
    {"refused", "the source refused to give it"},
    {"subsetted", "the source gave a part of it only"},
    {"suppressed", "the source says that it left something out"},
    {"too-large", "larger than the limit"},
    {"type-mismatch", "something else came than what was told, a page to sign in at for one"},
    {"unproven-patient", "not certain to be about this patient"},
    {"web-page", "a web page came in its place"},
    {"version-conflict", "the source gave it with two contents, and not which one holds"},
});

constexpr std::string_view unnamed = " of the record";

}  // namespace

StaticText gap_words(std::string_view reason) {
    for (const Row& row : words)
        if (row.own == reason) return row.plain;
    return "the source did not hand it over";
}

std::string gap_title(std::string_view what) {
    if (what.find(':') != what.npos) return "Another record";  // an address, which names no type
    if (what.ends_with(unnamed)) return std::string(what);     // "2 entries of the record"
    std::string title(type_word(what.substr(0, what.find_first_of("/? "))));
    if (const std::size_t attachment = what.find(" attachment "); attachment != what.npos)
        title.append(", ").append(what.substr(attachment + 1));
    return title;
}

bool is_unnamed(const Gap& gap) { return gap.what.ends_with(unnamed); }

}  // namespace consultd
