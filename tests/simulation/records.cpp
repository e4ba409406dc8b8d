#include "tests/simulation/records.h"

#include <algorithm>

#include "fhir/base/crypto.h"

namespace consultd::simulation {
namespace {

using fhir::Json;

// "wq12n3z": a word of patient 12. "wqf3n7z": of nobody here.
constexpr std::string_view word_start = "wq";

Json json_of(std::string text) { return Json::parse(std::move(text)).value(); }

constexpr std::string_view stigma = R"({"system":"http://snomed.info/sct","code":"86406008"})";
constexpr std::string_view restricted =
    R"("meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality",)"
    R"("code":"R"}]},)";

// Makes the resources of one record, each under its word.
class Chart {
public:
    Chart(Chance& chance, std::uint64_t number, sandbox::Store& source, Instant now)
        : chance_(chance), number_(number), source_(source), now_(now) {
        made_.id = "p" + std::to_string(number);
        subject_ = R"("subject":{"reference":"Patient/)" + made_.id + R"("},)";
    }

    MadePatient make() {
        put("Patient", made_.id,
            R"("active":true,"identifier":[{"system":"urn:oid:1.2.36.146.595.217","value":"mrn-)" +
                std::to_string(number_) +
                R"(","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203",)"
                R"("code":"MR"}]}}],"name":[{"family":"Simul)" +
                std::to_string(number_) + R"(","given":["Ada"]}],"gender":"female",)" +
                R"("birthDate":")" + birth_date() + '"');
        for (std::int64_t left = chance_.between(1, 4); left > 0; --left) add_condition();
        for (std::int64_t left = chance_.between(1, 7); left > 0; --left) add_observation();
        for (std::int64_t left = chance_.between(0, 2); left > 0; --left) add_procedure();
        if (chance_.once_in(2)) add_allergy();
        if (chance_.once_in(2)) add_document();
        if (chance_.once_in(3)) add_copy();
        return made_;
    }

private:
    // Nobody is nearly somebody else: each has a day of birth of their own, for 23,520 of them, and
    // two of one day and month have other names.
    std::string birth_date() const {
        const auto two = [](std::uint64_t number) {
            return (number < 10 ? "-0" : "-") + std::to_string(number);
        };
        return std::to_string(1930 + number_ % 70) + two(1 + number_ / 70 % 12) +
               two(1 + number_ / 840 % 28);
    }

    MadeResource& next(std::string type) {
        const std::string n = std::to_string(made_.resources.size());
        MadeResource& made = made_.resources.emplace_back();
        made.type = std::move(type);
        made.id = made_.id + "-" + n;
        made.word = std::string(word_start) + std::to_string(number_) + "n" + n + "z";
        return made;
    }
    void put(const std::string& type, const std::string& id, const std::string& members) {
        source_.put(
            type, id,
            json_of(R"({"resourceType":")" + type + R"(","id":")" + id + R"(",)" + members + "}"),
            now_);
    }
    static std::string text_of(const MadeResource& made) {
        return R"("text":"Finding )" + made.word + R"(")";
    }
    std::string label_of(MadeResource& made) {
        made.is_restricted = chance_.once_in(4);
        return made.is_restricted ? std::string(restricted) : std::string();
    }

    void add_condition() {
        MadeResource& made = next("Condition");
        made.is_stigma = chance_.once_in(4);
        const std::string coding =
            made.is_stigma ? R"("coding":[)" + std::string(stigma) + "]," : std::string();
        put("Condition", made.id,
            label_of(made) + subject_ +
                R"("clinicalStatus":{"coding":[{"system":)"
                R"("http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},)"
                R"("code":{)" +
                coding + text_of(made) + R"(},"onsetDateTime":"20)" +
                std::to_string(chance_.between(10, 25)) + R"(")");
        conditions_.push_back(made_.resources.size() - 1);
    }
    void add_observation() {
        MadeResource& made = next("Observation");
        made.value = std::to_string(chance_.below(200)) + "." + std::to_string(chance_.below(10)) +
                     (chance_.once_in(2) ? "0" : "00");
        made.date = chance_.once_in(3) ? "2026" : "2026-0" + std::to_string(chance_.between(1, 9));
        put("Observation", made.id,
            label_of(made) + subject_ +
                R"("status":"final","category":[{"coding":[{"system":)"
                R"("http://terminology.hl7.org/CodeSystem/observation-category",)"
                R"("code":"laboratory"}]}],"code":{)" +
                text_of(made) + R"(},"effectiveDateTime":")" + made.date +
                R"(","valueQuantity":{"value":)" + made.value +
                R"(,"unit":"U/L","system":"http://unitsofmeasure.org","code":"U/L"})");
    }
    // Its reason is told by name: where the reason is withheld, so is the name.
    void add_procedure() {
        MadeResource& made = next("Procedure");
        const MadeResource& reason = made_.resources[chance_.one_of(conditions_)];
        put("Procedure", made.id,
            label_of(made) + subject_ + R"("status":"completed","performedDateTime":"2025-03",)" +
                R"("code":{)" + text_of(made) + R"(},"reasonReference":[{"reference":"Condition/)" +
                reason.id + R"(","display":"Finding )" + reason.word + R"("}])");
    }
    void add_allergy() {
        MadeResource& made = next("AllergyIntolerance");
        put("AllergyIntolerance", made.id,
            label_of(made) + R"("patient":{"reference":"Patient/)" + made_.id +
                R"("},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/)"
                R"(CodeSystem/allergyintolerance-clinical","code":"active"}]},"code":{)" +
                text_of(made) + "}");
    }
    void add_document() {
        MadeResource& made = next("DocumentReference");
        const std::string label = label_of(made);
        const std::string bytes = "A letter about finding " + made.word + " and nothing else.";
        const std::string binary = made.id + "-b";
        put("Binary", binary,
            R"("contentType":"text/plain","data":")" + crypto::base64(bytes) + R"(")");
        put("DocumentReference", made.id,
            label + subject_ + R"("status":"current","type":{)" + text_of(made) +
                R"(},"date":"2026-02-01T10:00:00Z","content":[{"attachment":{"contentType":)"
                R"("text/plain","url":"Binary/)" +
                binary + R"(","size":)" + std::to_string(bytes.size()) + R"(,"hash":")" +
                crypto::base64(crypto::sha1(bytes)) + R"(","title":"Letter"}}])");
    }
    // The same again under another id, as two systems behind one server have it.
    void add_copy() {
        const MadeResource first = made_.resources[conditions_.front()];
        MadeResource copy = first;
        copy.id += "-copy";
        const Json* stored = &source_.find_alive("Condition", first.id)->json;
        source_.put("Condition", copy.id, stored->without("id"), now_);
        made_.resources.push_back(std::move(copy));
    }

    Chance& chance_;
    const std::uint64_t number_;
    sandbox::Store& source_;
    const Instant now_;
    MadePatient made_;
    std::string subject_;
    std::vector<std::size_t> conditions_;
};

std::string provision_of(Sharing sharing) {
    switch (sharing) {
        case Sharing::NoConditions:
            return R"(,"provision":[{"type":"deny","class":[{"system":)"
                   R"("http://hl7.org/fhir/resource-types","code":"Condition"}]}])";
        case Sharing::NoRestricted:
            return R"(,"provision":[{"type":"deny","securityLabel":[{"system":)"
                   R"("http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}])";
        case Sharing::NoStigma:
            return R"(,"provision":[{"type":"deny","code":[{"coding":[)" + std::string(stigma) +
                   "]}]}]";
        default:
            return {};
    }
}

bool is_base64(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

// Of the word at the beginning of the text; 0: there is none.
std::size_t word_length(std::string_view text) {
    std::size_t at = word_start.size();
    const auto skip = [&](std::string_view any) {
        const std::size_t before = at;
        while (at < text.size() && any.find(text[at]) != std::string_view::npos) ++at;
        return at - before;
    };
    skip("f");
    const bool is_word = skip("0123456789") > 0 && skip("n") == 1 && skip("0123456789") > 0;
    return is_word && skip("z") == 1 ? at : 0;
}

void gather(std::string_view bytes, int depth, Words& words) {
    for (std::size_t at = bytes.find(word_start); at != std::string_view::npos;
         at = bytes.find(word_start, at + 1)) {
        if (const std::size_t length = word_length(bytes.substr(at)); length > 0)
            words.emplace(bytes.substr(at, length));
    }
    constexpr std::size_t shortest = 32;
    for (std::size_t at = 0; depth > 0 && at < bytes.size(); ++at) {
        std::size_t end = at;
        while (end < bytes.size() && is_base64(bytes[end])) ++end;
        const std::size_t whole = (end - at) / 4 * 4;
        if (whole >= shortest)
            if (const auto inner = crypto::from_base64(bytes.substr(at, whole)))
                gather(*inner, depth - 1, words);
        at = end;
    }
}

}  // namespace

MadePatient make_patient(Chance& chance, std::uint64_t number, sandbox::Store& source,
                         Instant now) {
    return Chart(chance, number, source, now).make();
}

Json make_foreign(Chance& chance) {
    const std::string n = std::to_string(chance.below(1'000'000));
    return json_of(R"({"resourceType":"Observation","id":"foreign-)" + n +
                   R"(","status":"final","subject":{"reference":"Patient/somebody-else"},)" +
                   R"("code":{"text":"Finding )" + std::string(word_start) + "f" + n +
                   R"(n0z"},"effectiveDateTime":"2026-01","valueString":"x"})");
}

bool is_foreign_word(std::string_view word) { return word.substr(word_start.size(), 1) == "f"; }

Json make_consent(const MadePatient& patient, Sharing sharing, Instant until) {
    const std::string recipient = sharing == Sharing::OtherRecipient ? "9999999999" : "1234567893";
    const std::string end = sharing == Sharing::Expired    ? R"("2026-11-02")"
                            : sharing == Sharing::EndsSoon ? '"' + format_instant(until) + '"'
                                                           : R"("2036-12-31")";
    return json_of(
        R"({"resourceType":"Consent","id":"consent","status":"active","scope":{"coding":[{"system":)"
        R"("http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},)"
        R"("category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],)"
        R"("patient":{"reference":"Patient/)" +
        patient.id +
        R"("},"dateTime":"2026-11-01","policy":[{"uri":"http://example.org/policy"}],)"
        R"("provision":{"type":"permit","period":{"start":"2026-11-01","end":)" +
        end +
        R"(},"actor":[{"role":{"coding":[{"system":)"
        R"("http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},)"
        R"("reference":{"identifier":{"system":"http://hl7.org/fhir/sid/us-npi","value":")" +
        recipient + R"("}}}])" + provision_of(sharing) + "}}");
}

bool permits_anything(Sharing sharing) {
    return sharing != Sharing::Expired && sharing != Sharing::OtherRecipient;
}

Words withheld_words(const MadePatient& patient, Sharing sharing) {
    Words words;
    for (const MadeResource& made : patient.resources) {
        const bool is_withheld = !permits_anything(sharing) ||
                                 (sharing == Sharing::NoConditions && made.type == "Condition") ||
                                 (sharing == Sharing::NoRestricted && made.is_restricted) ||
                                 (sharing == Sharing::NoStigma && made.is_stigma);
        if (is_withheld) words.insert(made.word);
    }
    return words;
}

Words words_in(std::string_view bytes) {
    constexpr int depth_max = 3;  // a letter in a document in a Binary in the transaction
    Words words;
    gather(bytes, depth_max, words);
    return words;
}

}  // namespace consultd::simulation
