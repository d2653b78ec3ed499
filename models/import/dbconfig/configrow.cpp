// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/dbconfig/configrow.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

/// Fields of one record on the stack.
template<std::size_t N>
class Fields
{
public:
    void add(std::string_view column, std::string_view text, bool keepEmpty = false)
    {
        if (!text.empty() || keepEmpty)
            m_fields[m_count++] = {column, text};
    }
    std::span<const RecordField> list() const { return std::span(m_fields).first(m_count); }

private:
    std::array<RecordField, N> m_fields{};
    std::size_t m_count = 0;
};

} // namespace

void writeConfig(RowSink &sink, const ConfigRow &row)
{
    Fields<6> fields;
    fields.add("subject_kind", row.kind);
    fields.add("subject", row.subject);
    fields.add("parent", row.parent);
    fields.add("key", row.key);
    fields.add("value", row.value, true);
    fields.add("unit", row.unit);
    RecordRow record{};
    record.table = RecordTable::Config;
    record.fields = fields.list();
    sink.record(record);
}

void writeSetting(RowSink &sink, RecordRef server, const SettingRow &row)
{
    Fields<6> fields;
    fields.add("name", row.name);
    fields.add("setting", row.value, true);
    fields.add("unit", row.unit);
    fields.add("context", row.context);
    fields.add("source", row.source);
    fields.add("boot_val", row.bootValue);
    RecordRow record{};
    record.table = RecordTable::Setting;
    record.server = server;
    record.fields = fields.list();
    sink.record(record);
}

std::string_view pgbouncerUnit(std::string_view name)
{
    static constexpr std::array<std::string_view, 5> kSeconds{"_timeout", "_lifetime", "_period", "_delay",
        "_ttl"};
    if (std::any_of(kSeconds.begin(), kSeconds.end(),
            [&](std::string_view end) { return name.ends_with(end); }))
        return "s";
    return name == "pkt_buf" || name == "max_packet_size" || name == "tcp_socket_buffer" ? "bytes" : "";
}

bool isSecretSetting(std::string_view name)
{
    static constexpr std::array<std::string_view, 10> kSecret{"primary_conninfo", "ssl_passphrase_command",
        "archive_command", "restore_command", "archive_cleanup_command", "recovery_end_command",
        "connect_query", "password", "stats_password", "auth_dbname_password"};
    return std::find(kSecret.begin(), kSecret.end(), name) != kSecret.end()
        || name.find("password") != std::string_view::npos;
}

} // namespace tailscope::import
