// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/connection.h"
#include "live/explainrunner.h"

#include <string>
#include <vector>

namespace tailscope::live {

/// One read-only transaction on a connection of its own, in which plans are made. Ends with it: what the
/// transaction held is given back by the rollback, or by the end of the connection.
class ExplainSession
{
public:
    /// Connects, begins, takes role and search path.
    static Result<ExplainSession> begin(const Target &target, const ExplainRequest &request,
        const Progress &progress);

    /// The plan of the statement, as the server's JSON.
    Result<ExplainAnswer> explain(const ExplainClass &found, bool isAnalyze);
    /// Of the functions that the statement calls those that may do something, in words.
    Result<std::vector<std::string>> warnings(const ExplainClass &found);
    Result<ResultSet> ask(const std::string &sql, const std::vector<std::string> &parameters = {});
    /// ROLLBACK and the end of the connection.
    void end();

    int serverVersion() const { return m_connection.serverVersion(); }
    bool isPooled() const { return m_connection.isPooled(); }

private:
    Result<ResultSet> askSimple(const std::string &sql);
    Error explained(Error error, const ExplainClass &found) const;

    Connection m_connection;
    ExplainRequest m_request;
    Progress m_progress;
    std::string m_user;
};

} // namespace tailscope::live
