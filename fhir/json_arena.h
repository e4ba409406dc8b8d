// JsonArena: the memory behind Json values: the page they were parsed from, the nodes made for
// them, and the other arenas that their parts point into. Filled once, then only read. Inner to
// fhir/json*.cpp.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "fhir/json.h"

namespace consultd::fhir {

class JsonArena {
public:
    JsonArena() = default;
    explicit JsonArena(std::string page) : page_(std::move(page)) {}
    JsonArena(const JsonArena&) = delete;
    JsonArena& operator=(const JsonArena&) = delete;
    ~JsonArena();

    std::string& page() { return page_; }
    void keep(const std::shared_ptr<const JsonArena>& other);

    // Copies `text`; `kind` is String or Number.
    JsonView copy_text(JsonView::Kind kind, std::string_view text);
    // A view of text that lives as long as the arena.
    static JsonView text(JsonView::Kind kind, const char* text, std::size_t size);
    static JsonView boolean(bool value);
    JsonView array(const JsonView* items, std::size_t count);
    // `members`: names and values in turn. Big objects get a sorted index for lookups.
    JsonView object(const JsonView* members, std::size_t count);

    // Json's private parts for the files of this room.
    static Json own(JsonView view, std::shared_ptr<const JsonArena> arena) {
        return Json(view, std::move(arena));
    }
    static const std::shared_ptr<const JsonArena>& owner(const Json& json) { return json.owner_; }
    // The positions of an indexed object's members in the order of their names.
    static const std::uint32_t* index_of(const JsonView& object);

private:
    static constexpr std::size_t chunk_bytes_min = 4096;
    void* allocate(std::size_t bytes);

    std::string page_;
    std::vector<std::unique_ptr<char[]>> chunks_;
    char* free_ = nullptr;
    std::size_t left_ = 0;
    std::size_t next_chunk_ = 256;
    mutable std::vector<std::shared_ptr<const JsonArena>> kept_;
};

// Objects with more members than this have an index.
inline constexpr std::size_t json_index_from = 16;

}  // namespace consultd::fhir
