// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/eventmarkers/markerline.h"

#include "import/common/jsonstream.h"
#include "import/common/jsontext.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>

namespace tailscope::import {

namespace {

/// SAX handler: strings and numbers of the outer object by name, nested values as text.
class MarkerHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, MarkerHandler>
{
public:
    explicit MarkerHandler(MarkerLine &marker)
        : m_marker(marker)
    {}

    bool StartObject()
    {
        if (m_depth++ == 0)
            return true;
        m_json.startObject();
        return true;
    }
    bool EndObject(rapidjson::SizeType)
    {
        if (--m_depth > 0) {
            m_json.endObject();
            endNested();
        }
        return true;
    }
    bool StartArray()
    {
        if (m_depth == 0)
            return false; // a marker is an object
        ++m_depth;
        m_json.startArray();
        return true;
    }
    bool EndArray(rapidjson::SizeType)
    {
        --m_depth;
        m_json.endArray();
        endNested();
        return true;
    }
    bool Key(const char *text, rapidjson::SizeType length, bool)
    {
        const std::string_view name(text, length);
        if (m_depth > 1)
            m_json.key(name);
        else
            m_field = fieldOf(name);
        return true;
    }
    bool String(const char *text, rapidjson::SizeType length, bool)
    {
        if (m_depth > 1)
            m_json.string({text, length});
        return scalar({text, length});
    }
    bool RawNumber(const char *text, rapidjson::SizeType length, bool)
    {
        if (m_depth > 1)
            m_json.number({text, length});
        return scalar({text, length});
    }
    bool Bool(bool value)
    {
        if (m_depth > 1)
            m_json.boolean(value);
        return scalar(value ? "true" : "false");
    }
    bool Null()
    {
        if (m_depth > 1)
            m_json.null();
        return m_depth > 0;
    }

private:
    std::string *fieldOf(std::string_view name)
    {
        m_marker.hasPhase = m_marker.hasPhase || name == "ph";
        if (name == "ts" || name == "time" || name == "timestamp") {
            m_marker.hasTs = true;
            return &m_marker.ts;
        }
        if (name == "kind") {
            m_marker.hasKind = true;
            return &m_marker.kind;
        }
        return name == "end"    ? &m_marker.end
            : name == "service" ? &m_marker.service
            : name == "note"    ? &m_marker.note
            : name == "title"   ? &m_marker.title
            : name == "detail"  ? &m_marker.detail
                                : nullptr;
    }
    bool scalar(std::string_view text)
    {
        if (m_depth == 1 && m_field != nullptr) {
            m_field->assign(text);
            if (m_field == &m_marker.detail)
                m_marker.detailIsJson = false;
        }
        return m_depth > 0;
    }
    void endNested()
    {
        if (m_depth != 1)
            return;
        if (m_field != nullptr) {
            *m_field = m_json.text();
            if (m_field == &m_marker.detail)
                m_marker.detailIsJson = true;
        }
        m_json.clear();
    }

    MarkerLine &m_marker;
    JsonText m_json;
    std::string *m_field = nullptr;
    std::size_t m_depth = 0;
};

} // namespace

void MarkerLine::clear()
{
    for (std::string *field : {&ts, &end, &kind, &service, &note, &title, &detail})
        field->clear();
    detailIsJson = hasTs = hasKind = hasPhase = false;
}

bool parseMarkerLine(std::string_view text, MarkerLine &marker, std::string &reason, std::size_t &offset)
{
    marker.clear();
    MarkerHandler handler(marker);
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    const rapidjson::ParseResult result
        = reader.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag>(stream,
            handler);
    if (!result.IsError())
        return true;
    offset = result.Offset();
    reason = result.Code() == rapidjson::kParseErrorTermination ? "the line is not a JSON object"
                                                                : rapidjson::GetParseError_En(result.Code());
    return false;
}

} // namespace tailscope::import
