// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/attachservers.h"

namespace tailscope::session {

namespace {

class AttachedServers : public LiveRecording
{
public:
    explicit AttachedServers(std::unique_ptr<live::Attachment> attachment)
        : m_attachment(std::move(attachment))
    {}
    std::vector<live::ServerStatus> servers() const override { return m_attachment->servers(); }
    live::RecordingStatus recording() const override { return m_attachment->recording(); }
    void setPassword(std::size_t server, std::string password) override
    {
        m_attachment->sampler().setPassword(server, std::move(password));
    }
    void runNow(std::string_view probe) override { m_attachment->sampler().runNow(probe); }
    Result<void> stop() override { return m_attachment->stop(); }

private:
    std::unique_ptr<live::Attachment> m_attachment;
};

} // namespace

Result<std::shared_ptr<LiveRecording>> attachServers(std::shared_ptr<const store::Workspace> workspace,
    std::vector<live::Target> targets, const live::AttachOptions &options)
{
    // Views ask for a window of a series. Usually made when a source is derived; here it is empty and costs
    // nothing.
    {
        auto database = workspace->connectWriter();
        if (!database)
            return tl::unexpected(database.error());
        TS_TRY(
            database->execute("CREATE INDEX IF NOT EXISTS point_raw_series ON point_raw (series_id, ts_ns)"));
    }
    auto attachment = live::Attachment::start(std::move(workspace), std::move(targets), options);
    if (!attachment)
        return tl::unexpected(attachment.error());
    return std::make_shared<AttachedServers>(std::move(*attachment));
}

} // namespace tailscope::session
