// Signs: what a resource betrays of sensitive matters, by its codes, its names and its texts, all
// of one record read together: a code without a name may have one elsewhere in it. Decides nothing.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "adapter/stages/consent/content.h"
#include "adapter/stages/consent/phrases.h"

namespace consultd::consent {

class Signs {
public:
    explicit Signs(const Sensitivity& sensitivity) : sensitivity_(sensitivity) {}
    Signs(const Signs&) = delete;
    Signs& operator=(const Signs&) = delete;
    const Sensitivity& known() const { return sensitivity_; }

    // Notes what this resource calls its codes. Of all of a record, before any is read.
    void learn_names(fhir::JsonView resource);
    // Notes what a medicine, an order of it or a dispense is there for. Both outlive the signs.
    void learn_reason(fhir::JsonView medicine, fhir::JsonView reason);
    // Notes that an order, a dispense or a statement is of this Medication, and what it is there
    // for.
    void learn_use(fhir::JsonView medication, fhir::JsonView order);
    // Adds what the resource betrays to its content. A Patient betrays nothing: without one there
    // is no packet, and what is said of one is taken out by itself.
    void read(fhir::JsonView resource, Content& content);
    // And by its name at the source, "Condition/hiv-1", which the page for people prints.
    void read_source(std::string_view source, Content& content);
    // Of an extension, by its name and whatever it holds.
    Sensitivity::Signs of_extension(fhir::JsonView extension);
    // Of what a concept is: by its codes, what the record calls them, its own names.
    Sensitivity::Signs of_concept(fhir::JsonView concept_value);
    // Of each word below a value, whatever its member is called.
    Sensitivity::Signs of_words(fhir::JsonView value);
    // By its words the resource is of another matter than the concept: no word of what that is
    // called, by itself or in the record, stands in it, and it betrays nothing that those codes do.
    // False where nothing is known of the concept, or the resource says nothing.
    bool is_of_another(fhir::JsonView concept_value, fhir::JsonView resource,
                       const Content& content);
    // A rule denies by code what the resource bears under another: Yes where it is called so,
    // Unknown where its words, the tables or a code that nobody knows leave it open. What stands
    // in a code of the same system is decided by that, unless the matter is one, as HIV is. The
    // concept outlives the signs.
    Match match_matter(fhir::JsonView concept_value, fhir::JsonView resource,
                       const Content& content);
    // What a concept is called, by itself or in the record.
    std::vector<std::string_view> names_of(fhir::JsonView concept_value) const;
    // The display of a person or place betrays something: no sign of the resource it stands in.
    bool displays_betray() const { return displays_betray_; }
    // Of where it leads to, by its address, identifier and display.
    Sensitivity::Signs of_reference(fhir::JsonView reference);
    // Of a display.
    const Sensitivity::Signs& of_name(std::string_view text, bool is_medicine = false);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    template <class Value>
    using Map = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;
    struct Place {
        std::string_view member;   // the name of the nearest member
        bool is_medicine = false;  // what stands there is the name of a drug
        bool is_note = false;      // somebody's own words
    };

    // What a rule denies by a concept.
    struct Denied {
        Phrases phrases;
        std::vector<std::vector<std::string>> names;  // words that tell it from others
        Sensitivity::Signs matters;
        std::vector<std::string> systems;  // canonical
    };
    const Denied& denied(fhir::JsonView concept_value);
    bool shares_matter(const Denied& denied, const Content& content);
    Match match_names(const Denied& denied, fhir::JsonView value, bool is_note);
    Match match_concept(const Denied& denied, fhir::JsonView concept_value);
    const std::vector<std::string>& words_of_name(std::string_view name);
    void add_name(fhir::JsonView coding, std::string_view name);
    std::string_view name_in_record(std::string_view system, std::string_view code) const;
    void read_value(fhir::JsonView value, const Place& place, Content& content);
    void read_object(fhir::JsonView object, const Place& place, Content& content);
    struct Reasons;
    void add_reason(fhir::JsonView concept_value, Reasons& reasons);
    void add_reasons(fhir::JsonView medicine, Reasons& reasons);
    bool has_other_reason(const Sensitivity::Sign& sign, const Reasons& reasons) const;
    void weigh_reasons(fhir::JsonView resource, Content& content);
    void weigh(fhir::JsonView resource, Content& content);
    void read_text(std::string_view text, const Place& place, Content& content);
    void read_address(fhir::JsonView value, Content& content);
    void read_address(std::string_view text, Content& content);
    void read_address_part(std::string_view text, Content& content);
    void read_meta(fhir::JsonView meta, Content& content);
    void read_person(std::string_view display, Content& content);
    void read_data(std::string_view base64, std::string_view content_type, Content& content);
    void add_words(fhir::JsonView value, Sensitivity::Signs& signs);
    const Sensitivity::Signs& of_code(std::string_view system, std::string_view code);
    const Sensitivity::Signs& of_text(std::string_view text);
    const Sensitivity::Signs& of_label(std::string_view text);
    bool is_unknown(fhir::JsonView concept_value) const;
    void find_unknown(fhir::JsonView value, Content& content) const;

    const Sensitivity& sensitivity_;
    static constexpr std::size_t names_max = 8;
    Map<std::vector<std::string>> names_;  // "system|code" → what the record calls it
    std::unordered_map<const fhir::JsonView*, Denied> denied_;  // by where the codings stand
    Map<std::vector<std::string>> telling_;                     // name → its telling words
    Map<Sensitivity::Signs> by_code_, by_name_, by_medicine_, by_text_, by_label_;
    // By where its members stand: what a medicine is there for; who uses a Medication.
    std::unordered_map<const fhir::JsonMember*, std::vector<fhir::JsonView>> reasons_, uses_;
    bool displays_betray_ = false;
    Sensitivity::Signs last_;  // of a text too long to be remembered
};

}  // namespace consultd::consent
