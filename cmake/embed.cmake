# nitro_embed(LAYER FILES...) makes each file the C++ constant `embedded::<stem>_<extension>` of
# <LAYER>_embedded.h, for the sources of the layer; to be called after nitro_layer(LAYER ...).
function(nitro_embed layer)
  if(NOT TARGET nitro_${layer})
    return()
  endif()
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/)
  set(header ${PROJECT_BINARY_DIR}/embedded/${layer}_embedded.h)
  set(script ${PROJECT_SOURCE_DIR}/cmake/write_embedded.cmake)
  add_custom_command(OUTPUT ${header} DEPENDS ${ARGN} ${script}
    COMMAND ${CMAKE_COMMAND} -DHEADER=${header} "-DFILES=${ARGN}" -P ${script} VERBATIM)
  target_sources(nitro_${layer} PRIVATE ${header})
endfunction()
