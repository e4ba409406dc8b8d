// Consents at random on all records there are: the words of whatever a rule denies are put wherever
// a source may write them, and must stand in no byte of what is left, however an attachment writes
// them. What share of a record stays that no rule is on, is told.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <sstream>

#include "consent_fixture.h"
#include "fhir/base/crypto.h"
#include "tests/adapter/stages/text/pdf_fixture.h"
#include "tests/support/source_folder.h"

namespace consultd::testing {
namespace {

using fhir::Json;
using fhir::JsonView;
using Record = std::vector<PacketResource>;

constexpr std::size_t slice_max = 90;

PacketResource packed(const Json& resource, std::size_t number) {
    fhir::Resource made = fhir::Resource::from(resource).value();
    const std::string key = made.key();
    return {key, address_of("m" + std::to_string(number)), std::move(made)};
}

// The resources of a Bundle of one patient; none where it is something else.
Record record_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    const auto bundle = Json::parse(text.str());
    Record record;
    std::size_t patients = 0;
    std::set<std::string> seen;
    if (!bundle) return {};
    for (const JsonView entry : (*bundle)["entry"].items()) {
        const Json resource = bundle->share(entry["resource"]);
        const auto made = fhir::Resource::from(resource);
        if (!made || made->id().empty() || made->id().starts_with("decoy") ||
            !seen.insert(made->key()).second)
            continue;
        patients += made->type() == "Patient" ? 1U : 0U;
        const std::string full_url(entry["fullUrl"].string());
        record.push_back({made->key(), full_url, *made});
    }
    return patients == 1 ? record : Record();
}

std::vector<Record> records() {
    std::vector<std::filesystem::path> folders{source_folder() + "/samples/patients"};
    if (const char* const data = std::getenv("CONSULTD_DATA"))
        for (const char* const part :
             {"synthea-r4", "us-core", "ips", "oncology-r4", "server-captures", "ehr-captures"})
            folders.emplace_back(std::string(data) + "/" + part);
    std::vector<std::filesystem::path> files;
    for (const auto& folder : folders)
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
            if (entry.path().extension() == ".json" && entry.file_size() < (3U << 20U))
                files.push_back(entry.path());
    std::ranges::sort(files);
    std::vector<Record> all;
    for (const auto& file : files)
        if (Record record = record_of(file); record.size() > 3) all.push_back(std::move(record));
    return all;
}

class MarkerTest : public ConsentTest {
protected:
    std::size_t below(std::size_t end) { return random_() % end; }

    // The Patient and some of the rest.
    Record slice(const Record& record) {
        Record out, rest;
        for (const PacketResource& one : record)
            (one.resource.type() == "Patient" ? out : rest).push_back(one);
        std::ranges::shuffle(rest, random_);
        for (std::size_t i = 0; i < std::min(rest.size(), slice_max); ++i) out.push_back(rest[i]);
        patient_ = out.front().source;
        return out;
    }

    std::string random_rule(const Record& record) {
        const Json one = record[1 + below(record.size() - 1)].resource.json();
        const std::string type(one["resourceType"].string());
        switch (below(5)) {
            case 0: {
                constexpr const char* labels[] = {"SUD", "MH", "HIV", "STD", "SEX", "SDV", "GDIS"};
                return R"("securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":")" +
                       std::string(labels[below(7)]) + R"("}])";
            }
            case 1:
                for (const char* const name : {"code", "medicationCodeableConcept"})
                    for (const JsonView coding : one.at(name, "coding").items())
                        if (coding["system"].is_string() && coding["code"].is_string())
                            return code_of(std::string(coding["system"].string()),
                                           std::string(coding["code"].string()));
                return class_of(type);
            case 2:
                return class_of(type);
            case 3:
                return R"("dataPeriod":{"start":"2010-01-01","end":"2016-12-31"})";
            default:
                return R"("data":[{"meaning":"instance","reference":{"reference":")" + type + "/" +
                       std::string(one["id"].string()) + R"("}}])";
        }
    }

    Consented apply_to(const std::string& rule, const Record& record) {
        Json asked = all_but(rule);
        asked = asked.with("patient", Json::object({{"reference", patient_}}));
        auto consented = apply_consent(asked, request(), patient_, record, now, sensitivity());
        if (!consented.ok()) return {};  // the Patient may not go, and nothing does
        return *std::move(consented);
    }

    std::mt19937 random_{20261126};
    std::string patient_;
};

bool is_on_matter(const std::string& reason) {
    return reason == "code-denied" || reason == "instance-denied" || reason == "period" ||
           reason.starts_with("sensitivity:");
}

// With one name more, which nothing else has.
Json named_too(const Json& resource, const std::string& word) {
    for (const char* const name : {"code", "medicationCodeableConcept"}) {
        if (!resource[name]["coding"].is_array()) continue;
        const Json concept_value = resource.get(name);
        const Json codings = concept_value.get("coding");
        std::vector<Json> items;
        for (const JsonView coding : codings.items()) items.push_back(codings.share(coding));
        items.push_back(Json::object({{"system", "urn:mark"}, {"code", word}, {"display", word}}));
        return resource.with(name, concept_value.with("coding", Json::array(std::move(items))));
    }
    return resource;
}

bool has_matter_words(const fhir::Resource& resource) {
    constexpr const char* types[] = {"AllergyIntolerance", "Condition",           "Medication",
                                     "MedicationRequest",  "MedicationStatement", "Observation",
                                     "Procedure",          "ServiceRequest"};
    return std::ranges::find(types, resource.type()) != std::end(types) &&
           !same_value(named_too(resource.json(), "w"), resource.json());
}

std::string utf16(const std::string& ascii) {
    std::string out = "\xff\xfe";
    for (const char letter : ascii) out += {letter, '\0'};
    return out;
}

std::string utf16_big(const std::string& ascii) {
    std::string out = "\xfe\xff";
    for (const char letter : ascii) out += {'\0', letter};
    return out;
}

// Each letter in another spelling: "&#72;", "=48", "\\'48".
std::string spelt(const std::string& word, const char* before, const char* behind) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char letter : word) {
        const auto byte = static_cast<unsigned char>(letter);
        out.append(before).append({digits[byte / 16], digits[byte % 16]}).append(behind);
    }
    return out;
}

// With Cyrillic letters for those that look so.
std::string with_look_alikes(const std::string& word) {
    std::string out;
    for (const char letter : word)
        out += letter == 'o' ? "\u043e" : letter == 'a' ? "\u0430" : std::string(1, letter);
    return out;
}

// A letter that has the word, in each form in which a source may send one.
std::vector<std::string> letters(const std::string& word) {
    const std::string head = word.substr(0, 3), tail = word.substr(3);
    std::string entities;
    for (const char letter : word)
        entities += "&#" + std::to_string(static_cast<int>(letter)) + ";";
    return {
        "A letter about " + word + ".",
        utf16("A letter about " + word + "."),
        "<html><body><p>about " + head + "<b>" + tail + "</b></p></body></html>",
        "<html><body><p>about " + entities + "</p></body></html>",
        "{\\rtf1\\ansi about " + head + "{\\b " + tail + "}\\par}",
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><text>" + word + "</text></ClinicalDocument>",
        crypto::base64("A letter about " + word + ", in base64 once more, and long enough."),
        "Dear colleague,\r\nabout " + head + "\xc2\xad" + tail + ".",
        utf16_big("A letter about " + word + "."),
        "<p>about " + spelt(word, "&#x", ";") + "</p>",
        "<p>about " + head + "<!-- x -->" + tail + "</p>",
        "{\\rtf1\\ansi about " + spelt(word, "\\'", "") + "\\par}",
        "Dear colleague,\r\nabout " + head + "-\r\n   " + tail + ".",
        "Dear colleague,\nabout " + with_look_alikes(word) + ".",
        "Content-Transfer-Encoding: quoted-printable\r\n\r\nabout " + spelt(word, "=", ""),
        pdf_of({"Dear colleague,", "a letter about " + word + "."})};
}

Json letter(std::size_t number, const std::string& bytes, const std::string& title) {
    return json(
        R"({"resourceType":"DocumentReference","id":"letter)" + std::to_string(number) +
        R"(","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"34133-9","display":"Letter"}]},"date":"2020-01-01T00:00:00Z","content":[{"attachment":{"contentType":"application/octet-stream","title":")" +
        title + R"(","data":")" + crypto::base64(bytes) + R"("}}]})");
}

Json letter_bytes(const Json& binary, const std::string& bytes) {
    return binary.with("data", crypto::base64(bytes)).with("contentType", "application/pdf");
}

// Each of the denied has a word of its own, which stands in its name and in texts of the others.
Record marked(const Record& record, const std::set<std::string>& denied, std::mt19937& random,
              std::vector<std::string>& words) {
    Record out;
    for (const PacketResource& one : record) {
        if (!denied.contains(one.source)) continue;
        words.push_back("Zyx" + std::to_string(words.size()) + "omatosis");
        Json marked_one = named_too(one.resource.json(), words.back());
        out.push_back({one.source, one.full_url, fhir::Resource::from(marked_one).value()});
    }
    if (words.empty()) return {};
    const auto word = [&] { return words[random() % words.size()]; };
    std::size_t number = 0;
    for (const PacketResource& one : record) {
        if (denied.contains(one.source)) continue;
        Json other = one.resource.json();
        if (one.resource.type() == "Patient")
            other = other.with("extension",
                               json(R"([{"url":"urn:remark","valueString":")" + word() + R"("}])"));
        else if (one.resource.type() == "Binary")
            other = letter_bytes(other, "A scan about " + word());
        else if (random() % 4 == 0)
            other = other.with(
                "text",
                json(
                    R"({"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">has )" +
                    word() + R"(</div>"})"));
        else if (random() % 8 == 0)
            other = other.with("note", json(R"([{"text":"since )" + word() + R"("}])"));
        out.push_back({one.source, one.full_url, fhir::Resource::from(other).value()});
    }
    const std::string chosen = word();
    for (const std::string& bytes : letters(chosen)) {
        out.push_back(packed(letter(number, bytes, "Letter"), number));
        ++number;
    }
    out.push_back(packed(letter(number, "A letter.", "scan_" + chosen + "_2.pdf"), number));
    return out;
}

// The texts of what is left, its attachments as they read.
void add_texts(JsonView value, std::string& out) {
    if (value.is_string()) {
        out += std::string(value.string()) + "\n";
        const auto bytes = crypto::from_base64(value.string(), crypto::WhiteSpace::Skip);
        if (!bytes || value.string().size() < 12) return;
        std::string plain;
        bool is_tag = false;
        for (const char byte : *bytes) {
            is_tag = (is_tag || byte == '<') && byte != '>';
            if (!is_tag && byte != '>' && byte != '\0') plain += byte;
        }
        out += *bytes + "\n" + plain + "\n";
    }
    for (const JsonView item : value.items()) add_texts(item, out);
    for (const fhir::JsonMember& member : value.members()) add_texts(member.value, out);
}

TEST_F(MarkerTest, NoWordOfWhatIsDeniedIsInAnyByteThatIsLeft) {
    const std::vector<Record> all = records();
    ASSERT_FALSE(all.empty());
    const int consents = std::getenv("CONSULTD_DATA") == nullptr ? 40 : 1000;
    std::size_t untouched = 0, arrived = 0, with_words = 0;
    for (int round = 0; round < consents; ++round) {
        const Record record = slice(all[static_cast<std::size_t>(round) % all.size()]);
        const std::string rule = random_rule(record);
        SCOPED_TRACE(std::to_string(round) + " " + rule);
        const Consented plain = apply_to(rule, record);
        if (plain.resources.empty()) continue;
        std::set<std::string> denied;
        for (const auto& one : plain.withheld) {
            const auto given = std::ranges::find(record, one.source, &PacketResource::source);
            if (is_on_matter(one.reason) && has_matter_words(given->resource))
                denied.insert(one.source);
            if (one.reason == "names-withheld" || one.reason == "undecidable" ||
                one.reason == "only-with-withheld")
                ++untouched;
        }
        untouched += plain.resources.size();
        arrived += plain.resources.size();
        std::vector<std::string> words;
        const Record told = marked(record, denied, random_, words);
        if (told.empty()) continue;
        ++with_words;
        const Consented left = apply_to(rule, told);
        std::string texts;
        for (const PacketResource& one : left.resources) {
            add_texts(one.resource.json(), texts);
            ASSERT_FALSE(one.source.starts_with("DocumentReference/letter")) << texts;
        }
        for (const std::string& word : words)
            ASSERT_EQ(texts.find(word), std::string::npos)
                << word << " in " << texts.substr(texts.find(word) - 40, 120);
    }
    EXPECT_GT(with_words, static_cast<std::size_t>(consents) / 10);
    const double share = static_cast<double>(arrived) / static_cast<double>(untouched);
    std::cout << "of what no rule is on, " << share << " arrives (" << arrived << " of "
              << untouched << "); " << with_words << " consents had words\n";
    EXPECT_GT(share, 0.6);
}

}  // namespace
}  // namespace consultd::testing
