// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonrecord.h"
#include "import/common/protowire.h"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::otlp {

/// Values of OTLP in protobuf as the JSON reader would give them. What it makes (hexadecimal ids, mended
/// texts) lives until clear(). Reused for a whole file.
class ProtoValues
{
public:
    void clear();
    /// A field inside was no field, or cut: what was read of the record is not to be trusted.
    bool isBroken() const { return m_broken; }
    /// Text that was not UTF-8 was mended.
    bool hasRepaired() const { return m_repaired; }
    /// Calls take(field) for each field of a message.
    template<typename Take>
    void eachField(std::string_view message, Take &&take)
    {
        ProtoFields fields(message);
        ProtoField field;
        while (fields.next(field))
            take(field);
        m_broken |= fields.broken();
    }

    /// A string field; empty where it is of another type.
    std::string_view text(const ProtoField &field);
    /// Bytes of an id as hexadecimal digits.
    std::string_view hex(const ProtoField &field);
    /// A KeyValue becomes an attribute.
    void addKeyValue(const ProtoField &field, JsonAttributes &out);
    /// An AnyValue becomes the attribute `key`.
    void addAny(std::string_view key, std::string_view any, JsonAttributes &out);

private:
    struct Level
    {
        ProtoFields fields;
        bool isArray = false;
    };
    struct Pair
    {
        std::string_view key, value;
        bool hasValue = false;
    };
    ProtoField memberOf(std::string_view any);
    Pair pairOf(std::string_view message);
    std::string_view clean(std::string_view bytes);
    std::string_view keep(std::string text);
    void writeContainer(const ProtoField &container);
    void writeAny(std::string_view any);
    void open(const ProtoField &container);

    std::deque<std::string> m_texts;
    std::vector<Level> m_levels;
    JsonText m_json;
    bool m_broken = false, m_repaired = false;
};

} // namespace tailscope::import::otlp
