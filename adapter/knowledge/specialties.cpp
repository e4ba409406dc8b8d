#include "adapter/knowledge/specialties.h"

#include <algorithm>

#include "adapter/knowledge/tokens.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::string_view everybody = "all";
constexpr std::string_view fallback = "general";
constexpr std::string_view observation_category =
    "http://terminology.hl7.org/CodeSystem/observation-category";

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& letter : out)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return out;
}

std::vector<std::string> strings_of(JsonView list) {
    std::vector<std::string> out;
    for (const JsonView one : list.items()) out.emplace_back(one.string());
    return out;
}

ChecklistRow item_of(JsonView json) {
    return {.id = std::string(json["id"].string()),
            .title = std::string(json["title"].string()),
            .where = std::string(json["where"].string()),
            .types = strings_of(json["types"]),
            .codes = {},
            .categories = {},
            .has_words = json.has("words") || json.has("exact"),
            .old_after_days = static_cast<int>(json["oldAfterDays"].integer().value_or(0)),
            .images_of = std::string(json["imagesOf"].string()),
            .in_texts = json["inTexts"].is_true(),
            .on_first_screen = json["firstScreen"].is_true(),
            .only_if_there = json["onlyIfThere"].is_true(),
            .is_stage = json["stage"].is_true(),
            .has_no_amounts = json["noAmounts"].is_true()};
}

class Reader {
public:
    explicit Reader(KnowledgeProblems& problems) : problems_(problems) {}

    Specialties read(std::span<const KnowledgeFile> files) {
        for (const KnowledgeFile& file : files) read_laboratory(file);
        for (const KnowledgeFile& file : files) read_items(file);
        for (const KnowledgeFile& file : files) read_shared(file);
        for (const KnowledgeFile& file : files)
            if (file.name != everybody) read_specialty(file);
        for (const KnowledgeFile& file : files)
            if (file.json.has("within")) read_within(file, files);
        return std::move(read_);
    }

private:
    CodeSet codes_of(const KnowledgeFile& file, const std::string& where, JsonView codes) {
        return read_codes(file, where, codes, read_.named, problems_);
    }

    void check_words(const KnowledgeFile& file, const std::string& where, JsonView words) {
        for (std::size_t i = 0; i < words.items().size(); ++i)
            if (lower(words.items()[i].string()) != words.items()[i].string())
                problems_.add(file, where + "/" + std::to_string(i), "must be in lower case");
    }

    // What is measured in a specimen is a laboratory's, also where no category says so
    // (https://hl7.org/fhir/R4/observation-definitions.html#Observation.category is 0..*).
    void read_laboratory(const KnowledgeFile& file) {
        for (const std::string_view list : {"keyValues", "analytes"})
            for (const JsonView& row : file.json[list].items())
                if (row.has("specimen")) laboratory_.add(CodeSet(row["codes"]));
    }

    void read_items(const KnowledgeFile& file) {
        const auto items = file.json["items"].items();
        for (std::size_t i = 0; i < items.size(); ++i) {
            const std::string where = row_path("items", i);
            ChecklistRow row = item_of(items[i]);
            row.codes = codes_of(file, where + "/codes", items[i]["codes"]);
            row.categories = codes_of(file, where + "/categories", items[i]["categories"]);
            check_words(file, where + "/words", items[i]["words"]);
            row.number = ++rows_;
            add_words(row, items[i]);
            if (row.categories.holds(observation_category, "laboratory"))
                row.codes.add(laboratory_);
            for (std::size_t k = 0; k < row.types.size(); ++k)
                if (!is_resource_type(row.types[k]))
                    problems_.add(file, where + row_path("types", k), "is no resource type of R4");
            const std::string id = row.id;
            if (!items_.emplace(id, std::make_shared<const ChecklistRow>(std::move(row))).second)
                problems_.add(file, where + "/id", "is the id of another item already");
        }
    }

    // In a text nothing else is asked for: a person reads what it says of it.
    void add_words(const ChecklistRow& row, JsonView item) {
        const std::string words = phrases_of(item["words"]), exact = phrases_of(item["exact"]),
                          with = phrases_of(item["with"]), without = phrases_of(item["not"]);
        read_.name_words.add(row.number,
                             {.words = words, .exact = exact, .with = with, .without = without});
        if (row.in_texts || row.on_first_screen)
            read_.text_words.add(row.number, {.words = words, .exact = exact});
    }

    std::vector<KeyValue> values_of(const KnowledgeFile& file, std::string_view list) {
        std::vector<KeyValue> values;
        const auto rows = file.json[list].items();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::string where = row_path(list, i);
            check_words(file, where + "/names", rows[i]["names"]);
            values.push_back(
                {codes_of(file, where + "/codes", rows[i]["codes"]), strings_of(rows[i]["names"]),
                 std::string(rows[i]["specimen"].string()), rows[i]["percent"].is_true()});
        }
        return values;
    }

    // What belongs to every specialty.
    void read_shared(const KnowledgeFile& file) {
        const auto add = [&](std::string_view list, CodeSet& to) {
            const auto rows = file.json[list].items();
            for (std::size_t i = 0; i < rows.size(); ++i)
                to.add(codes_of(file, row_path(list, i) + "/codes", rows[i]["codes"]));
        };
        add("vitalSigns", read_.vital_signs);
        add("stages", read_.stages);
        if (file.name == everybody)
            key_values_ = values_of(file, "keyValues");
        else  // are analytes for the others
            for (KeyValue& one : values_of(file, "keyValues"))
                read_.analytes.push_back(std::move(one));
        for (KeyValue& one : values_of(file, "analytes")) read_.analytes.push_back(std::move(one));
        check_words(file, "/forms", file.json["forms"]);
        const std::string forms = phrases_of(file.json["forms"]);
        read_.name_words.add(Specialties::forms, {.words = forms});
        check_words(file, "/noValues", file.json["noValues"]);
        for (const JsonView one : file.json["noValues"].items())
            read_.no_values.emplace(one.string());
        const JsonView around = file.json["quantityWords"];
        add_folded(around["beside"], read_.quantity_words.beside);
        add_folded(around["before"], read_.quantity_words.before);
        add_folded(around["another"], read_.quantity_words.another);
        if (file.name == everybody && file.json.has("checklist"))
            problems_.add(file, "/checklist", "belongs to a specialty, not to all");
    }

    static void add_folded(JsonView words, WordSet& to) {
        for (const JsonView word : words.items())
            if (const Tokens tokens(word.string()); tokens.size() == 1)
                to.emplace(tokens[0].folded);
    }

    void read_specialty(const KnowledgeFile& file) {
        Specialty specialty{file.name, {}, values_of(file, "keyValues"), {}, {}, {}, {}};
        for (const std::string_view list : {"problems", "disease"}) {
            check_words(file, "/" + std::string(list) + "/words", file.json[list]["words"]);
            specialty.problems.add(file.json[list]);
        }
        specialty.disease.add(file.json["disease"]);
        check_words(file, "/treatments/words", file.json["treatments"]["words"]);
        specialty.treatments.add(file.json["treatments"]);
        specialty.key_values.insert(specialty.key_values.end(), key_values_.begin(),
                                    key_values_.end());
        const auto list = file.json["checklist"].items();
        if (list.empty()) problems_.add(file, "/checklist", "is missing");
        for (std::size_t i = 0; i < list.size(); ++i) {
            const auto item = items_.find(list[i].string());
            if (item == items_.end())
                problems_.add(file, row_path("checklist", i), "is the id of no item");
            else
                specialty.checklist.push_back(item->second);
        }
        add_names(file, read_.all.size());
        check_images(file, specialty);
        read_.all.push_back(std::move(specialty));
    }

    // It asks of the problems of the one that it is within, and that one of its disease.
    void read_within(const KnowledgeFile& file, std::span<const KnowledgeFile> files) {
        const auto own = read_.by_name.find(file.name);
        const auto outer = read_.by_name.find(file.json["within"].string());
        if (own == read_.by_name.end() || outer == read_.by_name.end() ||
            own->second == outer->second)
            return problems_.add(file, "/within", "is the name of no other specialty");
        Specialty& umbrella = read_.all[outer->second];
        for (const KnowledgeFile& other : files)
            if (other.name == umbrella.name) {
                read_.all[own->second].problems.add(other.json["problems"]);
                read_.all[own->second].treatments.add(other.json["treatments"]);
            }
        umbrella.within.push_back(own->second);
        umbrella.problems.add(file.json["disease"]);
        umbrella.disease.add(file.json["disease"]);
    }

    void add_names(const KnowledgeFile& file, std::size_t position) {
        if (!read_.by_name.emplace(file.name, position).second)
            problems_.add(file, "/name", "is the name of another specialty");
        const auto others = file.json["alsoCalled"].items();
        for (std::size_t i = 0; i < others.size(); ++i)
            if (!read_.by_name.emplace(others[i].string(), position).second)
                problems_.add(file, row_path("alsoCalled", i), "is the name of another specialty");
    }

    // Reports are told before the images that they stand in for.
    void check_images(const KnowledgeFile& file, const Specialty& specialty) {
        for (auto row = specialty.checklist.begin(); row != specialty.checklist.end(); ++row) {
            const std::string& reports = (*row)->images_of;
            if (reports.empty()) continue;
            if (!items_.contains(reports))
                problems_.add(file, "/checklist", "has images of an item that is not there");
            if (std::any_of(row, specialty.checklist.end(),
                            [&](const auto& later) { return later->id == reports; }))
                problems_.add(file, "/checklist", "has images before their reports");
        }
    }

    KnowledgeProblems& problems_;
    Specialties read_;
    CodeSet laboratory_;  // what is measured in a specimen
    SensitiveWords::Row rows_ = Specialties::forms;
    std::map<std::string, std::shared_ptr<const ChecklistRow>, std::less<>> items_;
    std::vector<KeyValue> key_values_;
};

}  // namespace

Specialties::Found Specialties::find(std::string_view name) const {
    auto found = by_name.find(lower(name));
    if (found == by_name.end()) found = by_name.find(fallback);
    return {found->first, all[found->second]};
}

bool Specialties::knows(std::string_view name) const { return by_name.contains(lower(name)); }

std::string Specialties::names() const {
    std::string out;
    for (const auto& [name, position] : by_name)
        if (all[position].name == name) out.append(out.empty() ? "" : ", ").append(name);
    return out;
}

Specialties read_specialties(std::span<const KnowledgeFile> files, KnowledgeProblems& problems) {
    return Reader(problems).read(files);
}

}  // namespace consultd
