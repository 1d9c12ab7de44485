/* Objects of Telegram's as text for bytes_of(): what is left out in them is put in as MORE. */
#ifndef TGCALLD_TESTS_TG_OBJECTS_H
#define TGCALLD_TESTS_TG_OBJECTS_H

#define CALL(more)                                                                                                     \
    "{'_':'groupCall','id':'11','access_hash':'-12','participants_count':3,'unmuted_video_limit':0," more "'version':" \
    "4}"
#define CHANNEL(more) "{'_':'channel'," more "'title':'t','photo':{'_':'chatPhotoEmpty'},'date':1}"
#define GROUP(more)                                                                                                    \
    "{'_':'chat','id':'5001'," more "'title':'t','photo':{'_':'chatPhotoEmpty'},'participants_count':2,'date':1,"      \
    "'version':1}"
#define UPDATES(updates, users, chats)                                                                                 \
    "{'_':'updates','updates':[" updates "],'users':[" users "],'chats':[" chats "],'date':1,'seq':0}"
#define FULL_CHANNEL(more)                                                                                             \
    "{'_':'messages.chatFull','full_chat':{'_':'channelFull','id':'6001'," more "'about':'','read_inbox_max_id':0,"    \
    "'read_outbox_max_id':0,'unread_count':0,'chat_photo':{'_':'photoEmpty','id':'0'},"                                \
    "'notify_settings':{'_':'peerNotifySettings'},'bot_info':[],'pts':1},'chats':[],'users':[]}"
#define FULL_CHAT(more)                                                                                                \
    "{'_':'messages.chatFull','full_chat':{'_':'chatFull','id':'5001'," more "'about':'','participants':"              \
    "{'_':'chatParticipantsForbidden','chat_id':'5001'},'notify_settings':{'_':'peerNotifySettings'}},"                \
    "'chats':[],'users':[]}"

#endif
