// The R4 definitions as a compact table: type → element → types, cardinality, choice, binding,
// reference targets, modifier and summary flags. elements_table.inc is made from the R4 definitions
// package by make_elements.py beside it and committed as a table of facts.
// https://hl7.org/fhir/R4/definitions.html
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd::fhir::r4 {

struct Type;

enum class BindingStrength : std::uint8_t { None, Example, Preferred, Extensible, Required };
// The form of the codes of a required value set that no one can list.
enum class CodeForm : std::uint8_t { Any, MimeType, Currency };

struct Element {
    StaticText name;  // "status"; "value" for value[x]; never with a type at its end
    std::uint16_t min;
    std::uint16_t max;  // many = 65535
    bool is_choice;
    bool is_modifier;
    bool is_summary;
    BindingStrength binding;
    std::span<const Type* const> types;             // one; several or all of them for a choice
    std::span<const StaticText> reference_targets;  // resource types; empty: any, or no Reference
    // Sorted; of a required binding on `code` or CodeableConcept, as far as R4 lists them; else
    // empty.
    std::span<const StaticText> required_codes;
    StaticText required_system;  // of a CodeableConcept: the code system of those codes; else ""
    CodeForm required_form;
    bool is_many() const { return max > 1; }
};

// The datatypes that a rule asks for by what they are, whichever element they stand in.
enum class Datatype : std::uint8_t {
    Other,
    Attachment,
    CodeableConcept,
    Coding,
    Date,  // date, dateTime, instant
    Extension,
    Identifier,
    Narrative,
    Quantity,  // and Age, Count, Distance, Duration
    Reference,
};

struct Type {
    enum class Kind : std::uint8_t { Primitive, Complex, Backbone, Resource };
    StaticText name = "";  // "Observation", "CodeableConcept", "dateTime", "Observation.component"
    Kind kind = Kind::Complex;
    Datatype datatype = Datatype::Other;
    std::span<const Element> elements;  // in the order of the definition, the inherited ones too

    const Element* find(std::string_view element_name) const;
    // The element a JSON member stands for, and the type its name ends with when it is a choice:
    // "valueQuantity" → value, Quantity. A leading "_" is the caller's to take off.
    struct Member {
        const Element* element = nullptr;
        const Type* type = nullptr;  // of a choice: the one named; else the only one
    };
    Member member(std::string_view json_name) const;
    // The same where JsonView::tag_of the name is known.
    Member member(std::string_view json_name, std::uint16_t tag) const;

    struct Named {
        std::string_view json_name;
        Member member;
    };
    std::span<const Named> by_json_name;  // sorted; a choice once for each of its types
    // Positions in by_json_name, from 1, by tag: a hash table with open addresses, 0 where free.
    std::span<const std::uint16_t> by_tag;
};

const Type* find_type(std::string_view name);  // null when R4 has none of that name

// Where an element sits, made of names from the table and positions:
// "Observation.component[1].code". It cannot hold input.
class ElementPath {
public:
    static constexpr std::size_t depth_max = 64;
    void push(StaticText name, int index = -1);
    void pop();
    std::string text() const;
    std::size_t depth() const { return depth_; }
    StaticText leaf() const { return steps_[depth_ - 1].name; }
    int leaf_index() const { return steps_[depth_ - 1].index; }        // -1: does not repeat
    StaticText name_above() const { return steps_[depth_ - 2].name; }  // of what the leaf stands in

private:
    struct Step {
        StaticText name = "";
        int index = -1;  // -1: does not repeat
    };
    std::array<Step, depth_max> steps_{};
    std::size_t depth_ = 0;
};

}  // namespace consultd::fhir::r4
