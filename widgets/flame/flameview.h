// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/flamemodel.h"
#include "items/timelinemodelsearch.h"
#include "widgets/base/view.h"
#include "widgets/flame/flamemenu.h"
#include "widgets/flame/flamescene.h"

#include <QJsonObject>

#include <memory>
#include <string>
#include <vector>

class QAction;
class QBoxLayout;
class QComboBox;
class QStackedWidget;
class QToolButton;

namespace tailscope::widgets {

class Banner;
class ElidedLabel;
class EmptyState;
class FlameBreadcrumb;
class FlameCanvas;
class FlameSampleScene;
class FlameSource;
class FlameTimeScene;
class FlameTransforms;
class FlameTreeScene;
class SearchBar;

/// Flame graph of the selected spans or of a stored profile: merged by path, by callers, or in order of time
/// (one track of spans, the samples of a thread). Trees can be narrowed step by step.
class FlameView : public View
{
    Q_OBJECT
public:
    enum class Mode { Merged, Callers, TimeOrdered };

    explicit FlameView(session::Session *session, QWidget *parent = nullptr);
    ~FlameView() override;

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override { return m_actions; }
    void startSearch() override;
    void zoomBy(double factor) override;

    Mode mode() const { return m_mode; }
    void setMode(Mode mode);
    FlameCanvas *canvas() const { return m_canvas; }
    items::FlameModel *model() const { return m_model; }

protected:
    bool event(QEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void buildToolBar(QBoxLayout *layout);
    void buildActions();
    void connectModel();
    void fillTracks();
    void sourceChanged();
    void showTree();
    void showTrack();
    void showSamples();
    void showRange();
    void refresh();
    void updateWording();
    void updateNotes();
    void updateEmptyState();
    void updatePath();
    void updateDetails();
    void updateSearchText();
    void updateReady();
    void applySearch();
    void walkMatches(bool forward);
    void revealFrame(quint32 id);
    void selectFrame(quint32 id);
    void openMenu(const QPoint &globalPosition);
    void run(FlameCommand command);
    bool narrow(analysis::TreeTransform::Kind kind);
    void openSourceOf(const FlameFigures &figures);
    void narrowToWindow();
    void filterToFrame(const QString &name);
    void exportWithDialog();
    const analysis::TrackInfo *currentTrack() const;
    bool isDrawingSpans() const;

    items::FlameModel *m_model;
    items::SpanSearch *m_spanSearch;
    FlameSource *m_source;
    QComboBox *m_modeBox, *m_track, *m_colour;
    QToolButton *m_flip, *m_out;
    SearchBar *m_search;
    Banner *m_banner;
    FlameTransforms *m_transforms;
    FlameBreadcrumb *m_path;
    ElidedLabel *m_note, *m_details;
    QStackedWidget *m_stack;
    FlameCanvas *m_canvas;
    EmptyState *m_empty;
    QList<QAction *> m_actions;
    QAction *m_flipAction = nullptr;

    Mode m_mode = Mode::Merged;
    std::shared_ptr<FlameTreeScene> m_treeScene;
    std::shared_ptr<FlameTimeScene> m_timeScene;
    std::shared_ptr<FlameSampleScene> m_sampleScene;
    QString m_wantedTrack; ///< title chosen by the user or the stored state
    std::vector<std::string> m_wantedPath; ///< zoomed path to go back to after a rebuild
    QString m_treeKind; ///< mode and source of the tree shown: paths of another kind mean nothing here
    bool m_wasReady = false;
};

} // namespace tailscope::widgets
