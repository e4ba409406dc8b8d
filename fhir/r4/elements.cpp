// The raw tables hold numbers; the types and elements with their spans are made of them once, at
// first use.
#include "fhir/r4/elements.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cctype>
#include <deque>
#include <vector>

#include "fhir/json.h"

namespace consultd::fhir::r4 {
namespace {

// What the raw tables are made of. `types_at` and its kin are places in the lists that follow them.
struct RawType {
    const char* name;
    Type::Kind kind;
    std::uint16_t elements_at;
    std::uint16_t elements;
};

struct RawElement {
    const char* name;
    std::uint16_t min;
    std::uint16_t max;
    std::uint8_t flags;  // 1 choice, 2 modifier, 4 summary
    BindingStrength binding;
    std::uint16_t types_at, types;
    std::uint16_t targets_at, targets;
    std::uint16_t codes_at, codes;
    const char* system;
    CodeForm form;
};

#include "fhir/r4/elements_table.inc"

std::string choice_name(std::string_view element, std::string_view type) {
    std::string name(element);
    name += type;
    char& first = name[element.size()];
    if (first >= 'a' && first <= 'z') first = static_cast<char>(first - 'a' + 'A');
    return name;
}

constexpr std::pair<std::string_view, Datatype> datatypes[] = {
    {"Age", Datatype::Quantity},
    {"Attachment", Datatype::Attachment},
    {"CodeableConcept", Datatype::CodeableConcept},
    {"Coding", Datatype::Coding},
    {"Count", Datatype::Quantity},
    {"Distance", Datatype::Quantity},
    {"Duration", Datatype::Quantity},
    {"Extension", Datatype::Extension},
    {"Identifier", Datatype::Identifier},
    {"Narrative", Datatype::Narrative},
    {"Quantity", Datatype::Quantity},
    {"Reference", Datatype::Reference},
    {"date", Datatype::Date},
    {"dateTime", Datatype::Date},
    {"instant", Datatype::Date},
};

Datatype datatype_of(std::string_view type) {
    for (const auto& [name, datatype] : datatypes)
        if (name == type) return datatype;
    return Datatype::Other;
}

// Positions from 1 by the tags of names: at most half full, the first free place after its own.
using Slots = std::vector<std::uint16_t>;

void add_slot(Slots& slots, std::uint16_t tag, std::size_t position) {
    const std::size_t mask = slots.size() - 1;
    std::size_t at = tag & mask;
    while (slots[at] != 0) at = (at + 1) & mask;
    slots[at] = static_cast<std::uint16_t>(position + 1);
}

template <class IsIt>
std::optional<std::size_t> find_slot(std::span<const std::uint16_t> slots, std::uint16_t tag,
                                     IsIt is_it) {
    if (slots.empty()) return std::nullopt;
    const std::size_t mask = slots.size() - 1;
    for (std::size_t at = tag & mask; slots[at] != 0; at = (at + 1) & mask)
        if (const std::size_t position = slots[at] - 1U; is_it(position)) return position;
    return std::nullopt;
}

class Table {
public:
    Table() : types_(std::size(raw_types)) {
        for (const std::uint16_t number : raw_type_lists) type_lists_.push_back(&types_[number]);
        elements_.reserve(std::size(raw_elements));
        for (const RawElement& raw : raw_elements) elements_.push_back(element(raw));
        for (std::size_t i = 0; i < types_.size(); ++i) {
            const RawType& raw = raw_types[i];
            types_[i].name = StaticText::from_table(raw.name);
            types_[i].kind = raw.kind;
            types_[i].datatype = datatype_of(raw.name);
            types_[i].elements = std::span(elements_).subspan(raw.elements_at, raw.elements);
        }
        for (Type& type : types_) index(type);
        by_tag_.resize(std::bit_ceil(2 * types_.size()));
        for (std::size_t i = 0; i < types_.size(); ++i)
            add_slot(by_tag_, JsonView::tag_of(types_[i].name.view()), i);
    }

    const Type* find(std::string_view name) const {
        const auto found = find_slot(by_tag_, JsonView::tag_of(name), [&](std::size_t position) {
            return types_[position].name.view() == name;
        });
        return found ? &types_[*found] : nullptr;
    }

private:
    Element element(const RawElement& raw) const {
        return {StaticText::from_table(raw.name),
                raw.min,
                raw.max,
                (raw.flags & 1) != 0,
                (raw.flags & 2) != 0,
                (raw.flags & 4) != 0,
                raw.binding,
                std::span(type_lists_).subspan(raw.types_at, raw.types),
                std::span(raw_targets).subspan(raw.targets_at, raw.targets),
                std::span(raw_codes).subspan(raw.codes_at, raw.codes),
                StaticText::from_table(raw.system),
                raw.form};
    }

    void index(Type& type) {
        std::vector<Type::Named>& named = named_.emplace_back();
        for (const Element& element : type.elements) {
            if (!element.is_choice)
                named.push_back({element.name.view(), {&element, element.types[0]}});
            for (const Type* choice : element.is_choice ? element.types : decltype(element.types)())
                named.push_back(
                    {names_.emplace_back(choice_name(element.name.view(), choice->name.view())),
                     {&element, choice}});
        }
        std::sort(named.begin(), named.end(),
                  [](const Type::Named& left, const Type::Named& right) {
                      return left.json_name < right.json_name;
                  });
        type.by_json_name = named;
        Slots& slots =
            slots_.emplace_back(std::bit_ceil(2 * std::max<std::size_t>(named.size(), 1)));
        for (std::size_t i = 0; i < named.size(); ++i)
            add_slot(slots, JsonView::tag_of(named[i].json_name), i);
        type.by_tag = slots;
    }

    std::vector<Type> types_;
    std::vector<const Type*> type_lists_;
    std::vector<Element> elements_;
    std::deque<std::vector<Type::Named>> named_;
    std::deque<Slots> slots_;
    std::deque<std::string> names_;
    Slots by_tag_;
};

}  // namespace

const Element* Type::find(std::string_view element_name) const {
    for (const Element& element : elements)
        if (element.name.view() == element_name) return &element;
    return nullptr;
}

Type::Member Type::member(std::string_view json_name) const {
    return member(json_name, JsonView::tag_of(json_name));
}

Type::Member Type::member(std::string_view json_name, std::uint16_t tag) const {
    const auto found = find_slot(by_tag, tag, [&](std::size_t position) {
        return by_json_name[position].json_name == json_name;
    });
    return found ? by_json_name[*found].member : Member{};
}

const Type* find_type(std::string_view name) {
    static const Table table;
    return table.find(name);
}

void ElementPath::push(StaticText name, int index) {
    assert(depth_ < depth_max);
    steps_[depth_++] = {name, index};
}

void ElementPath::pop() {
    assert(depth_ > 0);
    --depth_;
}

std::string ElementPath::text() const {
    std::string text;
    for (std::size_t i = 0; i < depth_; ++i) {
        if (i > 0) text += '.';
        text += steps_[i].name.view();
        if (steps_[i].index >= 0) text += '[' + std::to_string(steps_[i].index) + ']';
    }
    return text;
}

}  // namespace consultd::fhir::r4
