// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/remote/savedstores.h"

#include "base/text.h"

namespace tailscope::live {

Result<std::vector<SavedStore>> savedStores(const store::Workspace &workspace)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto statement
        = database->prepare("SELECT id, target, mapping FROM remote_store ORDER BY name LIMIT 1000");
    if (!statement)
        return tl::unexpected(statement.error());
    std::vector<SavedStore> out;
    for (;;) {
        const auto row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return out;
        auto mapping = parseRemoteMapping(statement->text(2), "stored mapping");
        if (mapping)
            out.push_back({statement->integer(0), std::string(statement->text(1)), std::move(*mapping)});
    }
}

Result<void> saveStore(const store::Workspace &workspace, const std::string &conninfo,
    const RemoteMapping &mapping)
{
    TS_TRY(mapping.check());
    const std::string lower = toLowerAscii(conninfo);
    if (lower.find("password=") != std::string::npos)
        return fail(ErrorCode::Internal, mapping.name, "a password is not stored in a workspace",
            "Keep it in .pgpass, a service file or the keychain");
    auto database = workspace.connectWriter();
    if (!database)
        return tl::unexpected(database.error());
    auto statement
        = database->prepare("INSERT INTO remote_store (name, target, mapping) VALUES (?1, ?2, ?3)\n"
                            "ON CONFLICT (name) DO UPDATE SET target = ?2, mapping = ?3");
    if (!statement)
        return tl::unexpected(statement.error());
    statement->bind(0, std::string_view(mapping.name));
    statement->bind(1, std::string_view(conninfo));
    const std::string toml = toToml(mapping);
    statement->bind(2, std::string_view(toml));
    return statement->run();
}

Result<void> forgetStore(const store::Workspace &workspace, const std::string &name)
{
    auto database = workspace.connectWriter();
    if (!database)
        return tl::unexpected(database.error());
    auto statement = database->prepare("DELETE FROM remote_store WHERE name = ?1");
    if (!statement)
        return tl::unexpected(statement.error());
    statement->bind(0, std::string_view(name));
    return statement->run();
}

} // namespace tailscope::live
