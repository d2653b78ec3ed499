// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsontext.h"
#include "import/explain/jsonplan.h"
#include "import/explain/planproperties.h"

#include <rapidjson/reader.h>

#include <memory>

namespace tailscope::import::explain {

/// Text in memory as input of RapidJSON's reader; Peek() is '\0' at the end.
class TextStream
{
public:
    using Ch = char;

    explicit TextStream(std::string_view text)
        : m_begin(text.data())
        , m_at(text.data())
        , m_end(text.data() + text.size())
    {}
    char Peek() const { return m_at != m_end ? *m_at : '\0'; }
    char Take() { return m_at != m_end ? *m_at++ : '\0'; }
    std::size_t Tell() const { return static_cast<std::size_t>(m_at - m_begin); }

    // Writing is for in-situ parsing; RapidJSON wants the names to exist.
    void Put(char) { RAPIDJSON_ASSERT(false); }
    void Flush() { RAPIDJSON_ASSERT(false); }
    char *PutBegin()
    {
        RAPIDJSON_ASSERT(false);
        return nullptr;
    }
    std::size_t PutEnd(char *)
    {
        RAPIDJSON_ASSERT(false);
        return 0;
    }

private:
    const char *m_begin, *m_at, *m_end;
};

/// Builds plans from the events of RapidJSON's reader. A stack of what each open bracket is takes the place
/// of recursion; values that are no part of the tree (Output, Settings of an extension, ...) are kept as JSON
/// text.
class PlanJsonHandler
{
public:
    using Stream = TextStream;

    /// `text` is the whole input; the stream reads it from offset `base`, which is on line `baseLine`.
    PlanJsonHandler(std::string_view text, std::size_t base, std::int64_t baseLine, const Stream &stream,
        ImportReport &report, const PlanTaker &take);

    bool Null() { return scalar({PlanValue::Kind::Null, "null"}); }
    bool Bool(bool value) { return scalar(PlanValue::boolean(value)); }
    bool Int(int) { return false; } // numbers come as text
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }
    bool RawNumber(const char *text, rapidjson::SizeType length, bool)
    {
        return scalar(PlanValue::number({text, length}));
    }
    bool String(const char *text, rapidjson::SizeType length, bool)
    {
        return scalar(PlanValue::string({text, length}));
    }
    bool Key(const char *text, rapidjson::SizeType length, bool);
    bool StartObject();
    bool EndObject(rapidjson::SizeType);
    bool StartArray();
    bool EndArray(rapidjson::SizeType);

    /// What the log says of the plans of this document.
    void setDuration(double ms) { m_durationMs = ms; }
    /// After an error at `end`: takes the plans that are open as far as their nodes are complete. Returns
    /// their number. The node that is not complete is rejected; those whose children had begun are marked.
    std::size_t salvage(std::size_t end);
    const JsonPlans &found() const { return m_found; }
    JsonPlans &found() { return m_found; }
    /// Why the handler stopped the parser; empty when it did not.
    const std::string &limit() const { return m_limit; }

private:
    enum class Kind : std::uint8_t {
        Other,
        Statement,
        Node,
        Plans,
        Workers,
        Worker,
        Triggers,
        Trigger,
        Planning,
        Settings
    };
    struct Level
    {
        Kind kind;
        bool sawPlans = false; ///< of a node: its own properties are complete
        bool bare = false; ///< a root node that stands without a statement around it
        std::int32_t node = -1;
        std::unique_ptr<ParsedPlan> plan; ///< of a statement or a bare node, once something of it was seen
        std::size_t begin = 0; ///< offset of the bracket
        std::int64_t line = 1; ///< of the bracket
        JsonMembers members; ///< of Planning
    };

    bool scalar(const PlanValue &value);
    void capture(const PlanValue &value);
    void give(const PlanValue &value);
    void giveToStatement(Level &level, const PlanValue &value);
    void giveToTrigger(const PlanValue &value);
    bool openCapture(bool object);
    bool closeCapture(bool object);
    bool open(Kind kind);
    bool openNode(Kind parent, std::int32_t parentNode);
    void takePlan(Level &level);
    ParsedPlan &planOf(Level &level);
    void rejectCutNode(const Level &level, std::size_t end);
    bool hasNodes(const Level &level) const { return level.plan && !level.plan->nodes.empty(); }
    std::size_t position() const { return m_base + m_stream.Tell(); }
    std::int64_t lineAt(std::size_t offset);
    void badValue(std::string_view why);

    std::string_view m_text;
    std::size_t m_base;
    const Stream &m_stream;
    ImportReport &m_report;
    const PlanTaker &m_take;
    std::vector<Level> m_levels;
    ParsedPlan *m_plan = nullptr; ///< of the innermost statement whose plan is being read
    std::int64_t m_planLine = 1; ///< of the statement of m_plan
    std::string m_key, m_captureKey;
    JsonText m_capture{64, 1 << 20};
    std::size_t m_captureDepth = 0;
    PlanTriggerRow m_trigger;
    std::size_t m_countedTo;
    std::int64_t m_line;
    double m_durationMs = ParsedPlan::kUnknown;
    JsonPlans m_found;
    std::string m_limit;
};

} // namespace tailscope::import::explain

namespace rapidjson {

/// RapidJSON works on a copy and writes it back: the cursor stays in registers.
template<>
struct StreamTraits<tailscope::import::explain::TextStream>
{
    enum { copyOptimization = 1 };
};

} // namespace rapidjson
