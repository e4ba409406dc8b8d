// Records: made-up patients with small records at a source. Each resource has a word of its own, by
// which it is recognized wherever it turns up: in a resource, a page, an attachment's bytes.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/base/clock.h"
#include "fhir/json.h"
#include "samples/sandbox/store.h"
#include "tests/simulation/history.h"

namespace consultd::simulation {

using Words = std::set<std::string, std::less<>>;

struct MadeResource {
    std::string type, id, word;
    bool is_restricted = false;  // labelled so by the source
    bool is_stigma = false;      // has the code that some Consents except
    std::string value, date;     // of an Observation: its decimal and its date, as they stand there
};

struct MadePatient {
    std::string id;
    std::vector<MadeResource> resources;
};

// What a patient agreed to.
enum class Sharing : std::uint8_t {
    All,
    NoConditions,   // a class is excepted
    NoRestricted,   // a label is excepted
    NoStigma,       // a code is excepted
    EndsSoon,       // everything, for some hours
    Expired,        // nothing may leave
    OtherRecipient  // nothing may leave to where it is asked for
};

// Puts a new patient's record into the source. `number` makes the words.
MadePatient make_patient(Chance& chance, std::uint64_t number, sandbox::Store& source, Instant now);
// A resource of somebody else, with a word that belongs to nobody here.
fhir::Json make_foreign(Chance& chance);

// `until`: when an EndsSoon ends.
fhir::Json make_consent(const MadePatient& patient, Sharing sharing, Instant until);
bool permits_anything(Sharing sharing);
// Words that must not leave under it.
Words withheld_words(const MadePatient& patient, Sharing sharing);
// All words in these bytes, also in what stands in them in base64.
Words words_in(std::string_view bytes);
bool is_foreign_word(std::string_view word);

}  // namespace consultd::simulation
