// The raw tables hold numbers; the types and elements with their spans are made of them once, at
// first use.
#include "fhir/r4/elements.h"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <deque>
#include <vector>

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
            types_[i].elements = std::span(elements_).subspan(raw.elements_at, raw.elements);
        }
        for (Type& type : types_) index(type);
    }

    const Type* find(std::string_view name) const {
        const auto found = std::lower_bound(
            types_.begin(), types_.end(), name,
            [](const Type& type, std::string_view wanted) { return type.name.view() < wanted; });
        return found != types_.end() && found->name.view() == name ? &*found : nullptr;
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
    }

    std::vector<Type> types_;
    std::vector<const Type*> type_lists_;
    std::vector<Element> elements_;
    std::deque<std::vector<Type::Named>> named_;
    std::deque<std::string> names_;
};

}  // namespace

const Element* Type::find(std::string_view element_name) const {
    for (const Element& element : elements)
        if (element.name.view() == element_name) return &element;
    return nullptr;
}

Type::Member Type::member(std::string_view json_name) const {
    const auto found = std::lower_bound(
        by_json_name.begin(), by_json_name.end(), json_name,
        [](const Named& named, std::string_view wanted) { return named.json_name < wanted; });
    return found != by_json_name.end() && found->json_name == json_name ? found->member : Member{};
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
