#include "adapter/knowledge/knowledge.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <map>
#include <sstream>

#include "adapter/knowledge/built_in.h"
#include "adapter/knowledge/code_form.h"
#include "config/schema_check.h"
#include "fhir/base/crypto.h"
#include "fhir/r4/validate.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::size_t bytes_max = std::size_t{64} << 20;

struct KindRow {
    KnowledgeKind kind;
    std::string_view folder;  // in config/, and its key in the configuration
    std::string_view form;    // in knowledge.schema.json; empty: FHIR alone
    std::string_view fhir;    // the resource type that is taken too; empty: none
    std::string_view rows;    // the list of rows of which each is read by itself; empty: none
};
constexpr KindRow kinds[] = {
    {KnowledgeKind::Plan, "plans", "plan", "", "searches"},
    {KnowledgeKind::Sensitivity, "sensitivity", "sensitivity", "ValueSet", "rows"},
    {KnowledgeKind::Specialty, "specialties", "specialty", "", ""},
    {KnowledgeKind::Map, "maps", "", "ConceptMap", ""},
    {KnowledgeKind::Quirk, "quirks", "quirk", "", "boundExtensions"},
};
const KindRow& row_of(KnowledgeKind kind) { return kinds[static_cast<std::size_t>(kind)]; }

std::size_t line_at(std::string_view text, std::int64_t offset) {
    const auto end = std::min(text.size(), static_cast<std::size_t>(offset));
    return static_cast<std::size_t>(std::ranges::count(text.substr(0, end), '\n')) + 1;
}

// Checks one file's form.
class FormCheck {
public:
    explicit FormCheck(KnowledgeProblems& problems)
        : problems_(problems), schema_(Json::parse(std::string(knowledge_schema_text)).value()) {}

    // False where nothing of it can be read. Rows that have not their form are taken out of it, so
    // that all that is wrong with the others is told at once.
    bool check(KnowledgeFile& file) {
        const KindRow& kind = row_of(file.kind);
        if (!kind.fhir.empty() && (kind.form.empty() || file.json.has("resourceType")))
            return check_fhir(file, kind.fhir);
        const Json form = schema_.with("$ref", "#/$defs/" + std::string(kind.form));
        const std::vector<config::Problem> found = config::schema_check(form, file.json);
        for (const config::Problem& one : found) problems_.add(file, one.path, one.text);
        if (found.empty()) return true;
        if (kind.rows.empty() || !file.json[kind.rows].is_array()) return false;
        leave_out_rows(file, kind.rows, found);
        return true;
    }

private:
    void leave_out_rows(KnowledgeFile& file, std::string_view list,
                        const std::vector<config::Problem>& found) {
        const Json all = file.json.get(list);
        std::vector<Json> rows;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string path = row_path(list, i);
            const bool is_wrong = std::ranges::any_of(found, [&](const config::Problem& one) {
                return (one.path + "/").starts_with(path + "/");
            });
            if (is_wrong) problems_.leave_out(file, path);
            rows.push_back(is_wrong ? Json::object(Json::Members()) : all.share(all.items()[i]));
        }
        file.json = file.json.with(list, Json::array(std::move(rows)));
    }

    bool check_fhir(const KnowledgeFile& file, std::string_view type) {
        bool is_right = true;
        const auto add = [&](std::string_view path, std::string_view what) {
            problems_.add(file, path, what);
            is_right = false;
        };
        if (file.json["resourceType"].string() != type) {
            add("/resourceType", "must be " + std::string(type));
            return false;
        }
        for (const char* name : {"url", "name", "version"})
            if (file.json[name].string().empty()) add(std::string(type) + "." + name, "is missing");
        for (const fhir::r4::Finding& finding : fhir::r4::validate(file.json))
            if (finding.severity == fhir::r4::Finding::Severity::Error)
                add(finding.path, finding.text.view());
        return is_right;
    }

    KnowledgeProblems& problems_;
    const Json schema_;
};

// The files in force, by kind and name.
using Files = std::map<std::pair<KnowledgeKind, std::string>, KnowledgeFile>;

class Gatherer {
public:
    explicit Gatherer(KnowledgeProblems& problems) : problems_(problems), form_(problems) {}

    // The name of an added file is its own among those added.
    void add(const KnowledgeText& text) {
        KnowledgeFile file{text.kind, text.place, text.file, {}, {}};
        Result<Json> json = Json::parse_relaxed(text.text, {.bytes_max = bytes_max});
        if (!json)
            return problems_.add(
                file,
                "line " +
                    std::to_string(line_at(text.text, json.error().number("offset").value_or(0))) +
                    ":",
                json.error().text().view());
        file.json = std::move(*json);
        file.name = file.json["name"].string();
        if (!form_.check(file)) return;
        check_codes(file, problems_);
        const auto place = std::pair(file.kind, file.name);
        if (!text.place.empty() && !added_.insert(place).second)
            return problems_.add(file, "/name", "is the name of another file of this kind");
        files_.insert_or_assign(place, std::move(file));
    }
    Files take() { return std::move(files_); }

private:
    KnowledgeProblems& problems_;
    FormCheck form_;
    Files files_;
    std::set<std::pair<KnowledgeKind, std::string>> added_;
};

// What is built in comes first: where two do not go together, the added one is told.
std::vector<KnowledgeFile> of_kind(const Files& files, KnowledgeKind kind) {
    std::vector<KnowledgeFile> out;
    for (const auto& [place, file] : files)
        if (file.kind == kind) out.push_back(file);
    std::stable_partition(out.begin(), out.end(),
                          [](const auto& file) { return file.place.empty(); });
    return out;
}

std::string digest_of(const Files& files) {
    crypto::Sha256 hash;
    for (const auto& [place, file] : files)
        hash.update(std::string(row_of(file.kind).folder) + "/" + file.name + "\n" +
                    file.json.print_canonical() + "\n");
    return crypto::hex(hash.finish());
}

// Files of ours are dated; those of others may have versions of another kind.
std::string version_of(const Files& files) {
    std::string newest;
    for (const auto& [place, file] : files)
        if (const std::string_view version = file.json["version"].string();
            version.size() == 10 && version[4] == '-' && version[7] == '-' && version > newest)
            newest = version;
    return newest;
}

std::vector<KnowledgeText> built_in_texts() {
    std::vector<KnowledgeText> texts;
    for (const BuiltInFile& file : built_in_files)
        for (const KindRow& kind : kinds)
            if (file.path.starts_with(kind.folder))
                texts.push_back(
                    {kind.kind, "", "built-in " + std::string(file.path), std::string(file.text)});
    return texts;
}

}  // namespace

LoadedKnowledge read_knowledge(std::vector<KnowledgeText> added) {
    KnowledgeProblems problems;
    Gatherer gatherer(problems);
    for (const KnowledgeText& text : built_in_texts()) gatherer.add(text);
    for (const KnowledgeText& text : added) gatherer.add(text);
    const Files files = gatherer.take();
    LoadedKnowledge loaded;
    Knowledge knowledge{
        .plan = read_search_plan(of_kind(files, KnowledgeKind::Plan), problems),
        .sensitivity = read_sensitivity(of_kind(files, KnowledgeKind::Sensitivity), problems),
        .specialties = read_specialties(of_kind(files, KnowledgeKind::Specialty), problems),
        .maps = read_code_maps(of_kind(files, KnowledgeKind::Map), problems),
        .quirks = read_quirks(of_kind(files, KnowledgeKind::Quirk), problems),
        .version = version_of(files),
        .digest = digest_of(files)};
    loaded.problems = problems.take();
    if (loaded.problems.empty()) loaded.knowledge = std::move(knowledge);
    return loaded;
}

// The digest is of these words too: they decide.
void withhold_unspoken(const std::vector<std::string>& what, LoadedKnowledge& loaded) {
    if (!loaded.knowledge) return;
    std::set<std::string, std::less<>> unspoken;
    for (std::size_t i = 0; i < what.size(); ++i) {
        const std::string_view text = what[i];
        const std::size_t dot = std::min(text.find('.'), text.size());
        const std::string_view label = text.substr(0, dot);
        const bool is_known = is_sensitivity_label(label) &&
                              (dot == text.size() || loaded.knowledge->sensitivity.has_topic(
                                                         label, text.substr(dot + 1)));
        if (!is_known)
            loaded.problems.push_back({"/consent" + row_path("unspoken", i),
                                       "is no label, or no topic of one, with rows"});
        unspoken.emplace(text);
    }
    crypto::Sha256 hash;
    hash.update(loaded.knowledge->digest);
    for (const std::string& one : unspoken) hash.update("\n" + one);
    if (unspoken != loaded.knowledge->sensitivity.unspoken())
        loaded.knowledge->digest = crypto::hex(hash.finish());
    loaded.knowledge->sensitivity.withhold_unspoken(std::move(unspoken));
    if (!loaded.problems.empty()) loaded.knowledge.reset();
}

// Of a notice one line is made. The digest is of what is said here too.
void set_part2(const config::Consent& consent, LoadedKnowledge& loaded) {
    if (!loaded.knowledge || (consent.part2 && !consent.part2_notice)) return;
    Knowledge& knowledge = *loaded.knowledge;
    if (consent.part2_notice) {
        knowledge.part2_notice.clear();
        std::istringstream words(*consent.part2_notice);
        for (std::string word; words >> word;)
            knowledge.part2_notice += (knowledge.part2_notice.empty() ? "" : " ") + word;
        if (knowledge.part2_notice.empty())
            loaded.problems.push_back({"/consent/part2Notice", "must say something"});
    }
    if (!consent.part2) knowledge.sensitivity.leave_part2();
    knowledge.digest = crypto::hex(crypto::sha256(
        knowledge.digest + (consent.part2 ? "\npart2 " : "\n") + knowledge.part2_notice));
    if (!loaded.problems.empty()) loaded.knowledge.reset();
}

Knowledge built_in_knowledge() {
    LoadedKnowledge loaded = read_knowledge({});
    assert(loaded.knowledge && "the built-in knowledge has problems");
    return *std::move(loaded.knowledge);
}

}  // namespace consultd
