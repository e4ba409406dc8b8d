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
    // Big objects get a sorted index for lookups.
    JsonView object(const JsonMember* members, std::size_t count);
    // Of names (see `name`) and values in turn.
    JsonView object(const JsonView* names_and_values, std::size_t count);
    // Names stand in the page behind a quotation mark, which becomes their length.
    static void set_length(char* name_text, std::size_t size);
    static JsonView name(const char* name_text, std::size_t size, std::uint16_t tag);
    static bool is_name(const char* name_text, std::string_view name);
    static std::uint16_t tag(const JsonView& view) { return view.tag_; }
    // A name in the form that JsonMember has; `value` gets its tag.
    static JsonMember member(const char* name_text, std::uint16_t tag, JsonView value);
    const char* copy_name(std::string_view name);

    // Where new values go: the open scope's arena, or one of their own.
    static std::shared_ptr<JsonArena> for_new_values();

    // Json's private parts for the files of this room.
    static Json own(JsonView view, std::shared_ptr<const JsonArena> arena) {
        return Json(view, std::move(arena));
    }
    static const std::shared_ptr<const JsonArena>& owner(const Json& json) { return json.owner_; }
    // The positions of an indexed object's members in the order of their names.
    static const std::uint32_t* index_of(const JsonView& object);

private:
    friend class JsonScope;
    // A chunk begins with the address of the one before it.
    static constexpr std::size_t chunk_bytes_first = 128;
    static constexpr std::size_t chunk_bytes_min = 1024;
    static constexpr std::size_t chunk_bytes_max = std::size_t{1} << 20;
    void* allocate(std::size_t bytes, std::size_t alignment = alignof(JsonMember));
    JsonMember* start_object(JsonView& view, std::size_t count);
    static void index(JsonView& view, JsonMember* members);
    void free_chunks();

    std::string page_;
    char* chunks_ = nullptr;
    char* free_ = nullptr;
    std::size_t left_ = 0;
    std::size_t next_chunk_ = chunk_bytes_first;
    mutable std::vector<std::shared_ptr<const JsonArena>> kept_;
};

// Objects with more members than this have an index.
inline constexpr std::size_t json_index_from = 32;
// Names longer than this are measured when they are asked for.
inline constexpr std::size_t json_name_length_max = 254;

}  // namespace consultd::fhir
