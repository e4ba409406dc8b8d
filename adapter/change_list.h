// ChangeList: what the stages changed in a record, in the order they did, packed: there are several
// to each resource, so names are held once and values are not copied. Made by one thread, then
// read.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/json.h"

namespace consultd {

// One change a stage made, with what stood there before, so that it can be undone.
struct Change {
    std::string resource;  // "urn:uuid:…" as delivered
    std::string path;      // "Observation.value.code"; table names and positions
    StaticText rule;       // "unit.spelling", "system.canonical", "reference.urn"
    fhir::Json before;     // null: there was nothing
    fhir::Json after;      // null: taken out
};

class ChangeList {
public:
    // The same as a look at it: valid until more is added.
    struct View {
        std::string_view resource;
        std::string_view path;
        StaticText rule;
        fhir::JsonView before;
        fhir::JsonView after;
    };

    ChangeList() = default;
    ChangeList(std::initializer_list<Change> changes);

    void add(std::string_view resource, std::string_view path, StaticText rule,
             const fhir::Json& before, const fhir::Json& after);
    void append(const ChangeList& later);

    std::size_t size() const { return packed_.size(); }
    bool empty() const { return packed_.empty(); }
    View view(std::size_t position) const;
    Change operator[](std::size_t position) const;

    // Leaves those of `resources` alone, in their order; of each as they were made.
    void arrange_by(const std::vector<std::string_view>& resources);

    // So that one may loop over them.
    class Iterator {
    public:
        Iterator(const ChangeList& changes, std::size_t at) : changes_(&changes), at_(at) {}
        Change operator*() const { return (*changes_)[at_]; }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        bool operator==(const Iterator& other) const { return at_ == other.at_; }

    private:
        const ChangeList* changes_;
        std::size_t at_;
    };
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, size()}; }

private:
    using Name = std::uint32_t;
    struct Packed {
        Name resource, path;
        StaticText rule;
        fhir::JsonView before, after;
    };
    // Texts by number, end to end.
    class Texts {
    public:
        Name add(std::string_view text);
        std::string_view operator[](Name name) const;
        std::size_t size() const { return ends_.size(); }

    private:
        std::string all_;
        std::vector<std::size_t> ends_;
    };
    Name resource_named(std::string_view resource);
    Name path_named(std::string_view path);

    std::deque<Packed> packed_;  // grows without a second copy of itself
    Texts resources_;            // a new one wherever it differs from that of the change before
    Texts paths_;                // each once
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    std::unordered_map<std::string, Name, TextHash, std::equal_to<>> path_names_;
    fhir::JsonKeeper keeper_;  // of the values
};

}  // namespace consultd
