// Trace: the names that what is withheld goes by, and their removal from what is kept: references
// with their display and identifier, addresses, list entries, sections left empty, and the source's
// narrative. A required reference becomes one whose value is absent for an unknown reason. Knows no
// consent. https://hl7.org/fhir/R4/references.html,
// https://hl7.org/fhir/R4/extension-data-absent-reason.html
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "adapter/ledger.h"
#include "adapter/stages/consent/phrases.h"
#include "fhir/json.h"

namespace consultd::consent {

// Set of strings that is searched with views.
struct StringHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};
using StringSet = std::unordered_set<std::string, StringHash, std::equal_to<>>;

// The same, whatever the case of their ASCII letters; what is put in is in lower case.
struct CaselessHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;  // FNV-1a
};
struct CaselessEqual {
    using is_transparent = void;
    bool operator()(std::string_view left, std::string_view right) const;
};
using CaselessSet = std::unordered_set<std::string, CaselessHash, CaselessEqual>;

// Whether `use` holds for a text in the value: a string, a number, a member's name.
template <class Use>
bool any_text(fhir::JsonView value, const Use& use) {
    if (value.is_string()) return use(value.string());
    if (value.is_number()) return use(value.number());
    for (const fhir::JsonView item : value.items())
        if (any_text(item, use)) return true;
    for (const fhir::JsonMember& member : value.members())
        if (use(member.name()) || any_text(member.value, use)) return true;
    return false;
}

class Names {
public:
    // An id shorter than this is too common to be a name by itself, and a phrase to be a matter.
    static constexpr std::size_t id_length_min = 12;
    static constexpr std::size_t phrase_length_min = 3;

    // One withheld resource: its name at the source, its address, its identifiers, what references
    // to it are wont to display.
    void add(std::string_view source, std::string_view full_url, fhir::JsonView resource);
    void add_address(std::string_view address);
    void add_display(std::string_view display);
    // One that is withheld for what it says: its diagnosis, treatment or drug is a trace by its own
    // words wherever they stand, a diagnosis by its codes too.
    void add_matter(fhir::JsonView resource);
    // In lower case: words that tell of a matter though nothing of it is here.
    void add_phrase(const std::string& phrase);
    // A kept resource goes by this id or identifier too: alone it is no trace.
    void release(std::string_view source, std::string_view full_url, fhir::JsonView resource);

    // A reference may tell by itself what nobody may know, or could decide: of what was not pulled.
    void hide_references(std::function<bool(fhir::JsonView reference)> is_hidden) {
        is_hidden_ = std::move(is_hidden);
    }

    // Some name stands in this text, be it XHTML or a URL.
    bool in_text(std::string_view text) const;
    bool in_value(fhir::JsonView value) const;
    bool in_reference(fhir::JsonView reference) const;
    struct Mentions {
        bool name = false;       // stands in some text of it
        bool reference = false;  // some object in it, taken for a reference, names one
        bool matter = false;     // its words or codes may tell of one: is_matter_of knows
    };
    Mentions mentions_in(fhir::JsonView resource) const;
    // Its words, or its codes beside those of what it is about, speak of a
    // withheld matter. Never of a Patient, without whom there is no packet.
    bool is_matter_of(fhir::JsonView resource) const;
    // An attachment inside it, of whatever form, says its words or one of its names.
    bool is_in_attachment_of(fhir::JsonView resource) const;
    bool says_matter(std::string_view text) const;

private:
    void release_matter(fhir::JsonView resource);
    bool is_name(std::string_view token, std::string_view type) const;
    void look_through(fhir::JsonView value, Mentions& found) const;
    // The text as words of such letters.
    template <bool (*is_of_word)(char)>
    bool in_words(std::string_view text) const;
    StringSet keys_;         // "Observation/123"
    CaselessSet ids_;        // long ids and UUIDs
    StringSet identifiers_;  // "system|value"
    StringSet displays_;
    StringSet phrases_;  // in lower case
    StringSet codes_;    // "system|code"
    std::function<bool(fhir::JsonView)> is_hidden_;
    mutable std::optional<Phrases> readied_;  // phrases_ for searching, made at the first search
};

// The words by which a name tells one thing from another, folded; of a long text none.
std::vector<std::string> telling_words(std::string_view name);
// How people write what a list calls so, in lower case.
std::vector<std::string> phrases_of_name(std::string_view name);
// Those of what a diagnosis, treatment, drug or test is called; of another resource, none.
std::vector<std::string> phrases_of_resource(fhir::JsonView resource);
// Some phrase stands in the resource, elsewhere than in its own name.
bool says_beside_its_name(fhir::JsonView resource, const Phrases& phrases);

// "system|value" of an Identifier; empty where it has no value.
std::string logical_name(fhir::JsonView identifier);
// Calls with each identifier: one or several, as the type has it.
template <class Use>
void each_identifier(fhir::JsonView resource, Use use) {
    const fhir::JsonView field = resource["identifier"];
    if (field.is_object()) use(logical_name(field));
    for (const fhir::JsonView item : field.items()) use(logical_name(item));
}

struct Pruned {
    fhir::Json resource;
    ChangeList changes;
    // Nothing is left of what it is there for: all of a List's entries …
    bool has_lost_all = false;
    bool speaks = false;    // a name still stands in it
    bool may_tell = false;  // of a withheld matter: Names::is_matter_of knows
};

// A narrative tells of more than its own resource: once anything is withheld, each goes, and what
// is made of the record tells it anew from what is left. Else that of a resource that lost
// something.
enum class Narratives { Keep, Drop };
void add_changes(std::string_view full_url, StaticText rule, const fhir::Json& before,
                 const fhir::Json& after, ChangeList& changes);
// `full_url` names the resource in the changes.
Pruned prune(const fhir::Json& resource, std::string_view full_url, const Names& names,
             Narratives narratives);

}  // namespace consultd::consent
